/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel functions in C, for where the tree has no body of its own.
 */
struct list_head { struct list_head *next, *prev; };

#define MAX_SCHEDULE_TIMEOUT 0x7fffffffffffffff
#define TIF_SIGPENDING 2
#define TIF_MEMDIE 20
#define SIGTERM 15
#define SIGKILL 9
#define PAGE_SIZE 4096UL
#define HZ 100
#define EINTR 4
#define EAGAIN 11
#define ENOMEM 12
#define EBUSY 16
#define EINVAL 22
#define GFP_KERNEL 0xd0u
#define __GFP_WAIT 0x10u
#define true 1
#define false 0

static struct mutex sim_cgroup_mutex;

void cgroup_lock(void)
{
	mutex_lock(&sim_cgroup_mutex);
}

void cgroup_unlock(void)
{
	mutex_unlock(&sim_cgroup_mutex);
}

void css_get(struct cgroup_subsys_state *css)
{
	sim_get(&css->refcnt);
}

bool css_tryget(struct cgroup_subsys_state *css)
{
	return sim_tryget(&css->refcnt);
}

void css_put(struct cgroup_subsys_state *css)
{
	sim_put(&css->refcnt, 1);
}

void __css_put(struct cgroup_subsys_state *css, int count)
{
	sim_put(&css->refcnt, count);
}

void list_add(struct list_head *entry, struct list_head *head)
{
	struct list_head *first = head->next;

	first->prev = entry;
	entry->next = first;
	entry->prev = head;
	head->next = entry;
}

void list_add_tail(struct list_head *entry, struct list_head *head)
{
	list_add(entry, head->prev);
}

void list_del(struct list_head *entry)
{
	entry->next->prev = entry->prev;
	entry->prev->next = entry->next;
}

void list_del_init(struct list_head *entry)
{
	list_del(entry);
	INIT_LIST_HEAD(entry);
}

int list_empty(const struct list_head *head)
{
	return head->next == head;
}

int strcmp(const char *one, const char *other)
{
	while (*one && *one == *other) {
		one++;
		other++;
	}
	return *one - *other;
}
