/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's types as the machine keeps them, and what is plain C on top of
 * its primitives. These win over the tree's own definitions.
 */
typedef struct { int counter; } atomic_t;
typedef struct { long counter; } atomic64_t;
typedef struct { long counter; } atomic_long_t;
typedef struct { int cell; } spinlock_t;
typedef struct { int cell; } raw_spinlock_t;
typedef struct { int cell; } rwlock_t;
struct mutex { int cell; };
struct semaphore { int count; };
struct rw_semaphore { int cell; };
struct __wait_queue { unsigned int flags; void *private; int (*func)(struct __wait_queue *, unsigned int, int, void *); void *queue; struct list_head entry; };
typedef struct __wait_queue wait_queue_t;
typedef struct __wait_queue wait_queue_entry_t;
struct wait_queue_head { int entries; int waking; };
typedef struct wait_queue_head wait_queue_head_t;
struct completion { int done; wait_queue_head_t wait; };
struct eventfd_ctx { atomic_t count; };
struct percpu_ref { int count; };
typedef unsigned long __kernel_size_t;
typedef long __kernel_ssize_t;

#define NULL ((void *)0)
#define TASK_RUNNING 0
#define TASK_INTERRUPTIBLE 1
#define TASK_UNINTERRUPTIBLE 2
#define TASK_WAKEKILL 128
#define TASK_KILLABLE 130
#define TASK_NORMAL 3
#define TASK_IDLE 1026
#define likely(x) (x)
#define unlikely(x) (x)
#define READ_ONCE(x) (x)
#define ACCESS_ONCE(x) (x)
#define data_race(x) (x)
#define memset(object, value, size) sim_memset(object, value, size)
#define WRITE_ONCE(x, v) ((x) = (v))
#define xchg(p, v) atomic_long_xchg((atomic_long_t *)(p), v)
#define cmpxchg(p, old, v) atomic_long_cmpxchg((atomic_long_t *)(p), old, v)
#define smp_load_acquire(p) (*(p))
#define smp_store_release(p, v) (*(p) = (v))
#define rcu_dereference(p) (p)
#define rcu_dereference_check(p, c) (p)
#define rcu_assign_pointer(p, v) ((p) = (v))
#define RCU_INIT_POINTER(p, v) ((p) = (v))
#define spin_lock_irqsave(lock, flags) spin_lock(lock)
#define spin_unlock_irqrestore(lock, flags) spin_unlock(lock)
#define spin_lock_irq(lock) spin_lock(lock)
#define spin_unlock_irq(lock) spin_unlock(lock)
#define spin_lock_bh(lock) spin_lock(lock)
#define spin_unlock_bh(lock) spin_unlock(lock)
#define spin_lock_nested(lock, class) spin_lock(lock)
#define local_irq_save(flags) ((void)0)
#define local_irq_restore(flags) ((void)0)
#define local_irq_disable() ((void)0)
#define local_irq_enable() ((void)0)
#define ERR_PTR(error) ((void *)(long)(error))
#define PTR_ERR(pointer) ((long)(pointer))
#define IS_ERR(pointer) ((unsigned long)(pointer) >= (unsigned long)-4095)
#define IS_ERR_OR_NULL(pointer) (!(pointer) || (unsigned long)(pointer) >= (unsigned long)-4095)
#define set_thread_flag(flag) set_tsk_thread_flag(current, flag)
#define clear_thread_flag(flag) clear_tsk_thread_flag(current, flag)
#define current ((struct task_struct *)sim_current())
#define get_current() ((struct task_struct *)sim_current())
#define BUG() BUG_ON(1)
#define INIT_LIST_HEAD(head) sim_list_init(head)
#define list_first_entry(head, type, member) list_entry((head)->next, type, member)
#define list_last_entry(head, type, member) list_entry((head)->prev, type, member)
#define list_first_entry_or_null(head, type, member) (list_empty(head) ? NULL : list_entry((head)->next, type, member))
#define list_next_entry(pos, member) sim_entry_like(pos, (pos)->member.next, member)
#define list_prev_entry(pos, member) sim_entry_like(pos, (pos)->member.prev, member)
#define list_for_each(pos, head) for (pos = (head)->next; pos != (head); pos = pos->next)
#define list_for_each_safe(pos, n, head) for (pos = (head)->next, n = pos->next; pos != (head); pos = n, n = pos->next)
#define list_for_each_entry(pos, head, member) for (pos = sim_entry_like(pos, (head)->next, member); &pos->member != (head); pos = sim_entry_like(pos, pos->member.next, member))
#define list_for_each_entry_reverse(pos, head, member) for (pos = sim_entry_like(pos, (head)->prev, member); &pos->member != (head); pos = sim_entry_like(pos, pos->member.prev, member))
#define list_for_each_entry_safe(pos, n, head, member) for (pos = sim_entry_like(pos, (head)->next, member), n = sim_entry_like(n, pos->member.next, member); &pos->member != (head); pos = n, n = sim_entry_like(n, n->member.next, member))
#define list_for_each_entry_rcu(pos, head, member) for (pos = sim_entry_like(pos, (head)->next, member); &pos->member != (head); pos = sim_entry_like(pos, pos->member.next, member))
#define panic(...) sim_panic()
#define WARN(condition, ...) WARN_ON(condition)
#define WARN_ONCE(condition, ...) WARN_ON_ONCE(condition)
#define VM_BUG_ON_PAGE(condition, page) BUG_ON(condition)
#define VM_BUG_ON_FOLIO(condition, folio) BUG_ON(condition)
#define VM_WARN_ON(condition) WARN_ON(condition)
#define wake_up(q) __wake_up(q, 3, 1, NULL)
#define wake_up_nr(q, n) __wake_up(q, 3, n, NULL)
#define wake_up_all(q) __wake_up(q, 3, 0, NULL)
#define wake_up_locked(q) __wake_up(q, 3, 1, NULL)
#define wake_up_interruptible(q) __wake_up(q, 1, 1, NULL)
#define wake_up_interruptible_nr(q, n) __wake_up(q, 1, n, NULL)
#define wake_up_interruptible_all(q) __wake_up(q, 1, 0, NULL)
#define wait_event(wq, condition) do { DEFINE_WAIT(sim_wait); for (;;) { prepare_to_wait(&wq, &sim_wait, 2); if (condition) break; schedule(); } finish_wait(&wq, &sim_wait); } while (0)
#define wait_event_interruptible(wq, condition) ({ int sim_ret = 0; DEFINE_WAIT(sim_wait); for (;;) { prepare_to_wait(&wq, &sim_wait, 1); if (condition) break; if (signal_pending(current)) { sim_ret = -512; break; } schedule(); } finish_wait(&wq, &sim_wait); sim_ret; })
#define wait_event_interruptible_exclusive(wq, condition) ({ int sim_ret = 0; DEFINE_WAIT(sim_wait); for (;;) { prepare_to_wait_exclusive(&wq, &sim_wait, 1); if (condition) break; if (signal_pending(current)) { sim_ret = -512; break; } schedule(); } finish_wait(&wq, &sim_wait); sim_ret; })
#define wait_event_timeout(wq, condition, timeout) ({ long sim_left = timeout; DEFINE_WAIT(sim_wait); for (;;) { prepare_to_wait(&wq, &sim_wait, 2); if (condition) { if (!sim_left) sim_left = 1; break; } if (!sim_left) break; sim_left = schedule_timeout(sim_left); } finish_wait(&wq, &sim_wait); sim_left; })
#define wait_event_interruptible_timeout(wq, condition, timeout) ({ long sim_left = timeout; DEFINE_WAIT(sim_wait); for (;;) { prepare_to_wait(&wq, &sim_wait, 1); if (condition) { if (!sim_left) sim_left = 1; break; } if (!sim_left) break; if (signal_pending(current)) { sim_left = -512; break; } sim_left = schedule_timeout(sim_left); } finish_wait(&wq, &sim_wait); sim_left; })
#define wait_event_killable(wq, condition) ({ int sim_ret = 0; DEFINE_WAIT(sim_wait); for (;;) { prepare_to_wait(&wq, &sim_wait, 130); if (condition) break; if (fatal_signal_pending(current)) { sim_ret = -512; break; } schedule(); } finish_wait(&wq, &sim_wait); sim_ret; })

void *sim_current(void);
int atomic_read(const atomic_t *v);
int atomic_inc_return(atomic_t *v);
void schedule(void);
void spin_lock(spinlock_t *lock);
void spin_unlock(spinlock_t *lock);
void read_lock(rwlock_t *lock);
void read_unlock(rwlock_t *lock);
void write_lock(rwlock_t *lock);
void write_unlock(rwlock_t *lock);
void mutex_unlock(struct mutex *lock);
void *kmalloc(unsigned long size, unsigned int flags);
void *kzalloc(unsigned long size, unsigned int flags);
void kfree(const void *object);
void *sim_queue_after(wait_queue_head_t *head, void *entry);
int sim_wake(wait_queue_head_t *head, unsigned int mode, int number);
void sim_wake_done(wait_queue_head_t *head);

void __wake_up(wait_queue_head_t *head, unsigned int mode, int number, void *key)
{
	wait_queue_t *entry, *next;

	if (!sim_wake(head, mode, number))
		return;
	for (entry = sim_queue_after(head, NULL); entry; entry = next) {
		unsigned int flags = entry->flags;

		next = sim_queue_after(head, entry);
		if (entry->func(entry, mode, 0, key) && (flags & 1) && !--number)
			break;
	}
	sim_wake_done(head);
}

/* One count in place of the per-processor ones; the switch to an atomic count is left out. */
void percpu_ref_get(struct percpu_ref *ref)
{
	sim_get(&ref->count);
}

bool percpu_ref_tryget(struct percpu_ref *ref)
{
	return sim_tryget(&ref->count);
}

void percpu_ref_put(struct percpu_ref *ref)
{
	sim_put(&ref->count, 1);
}

void percpu_ref_put_many(struct percpu_ref *ref, unsigned long number)
{
	sim_put(&ref->count, number);
}

void percpu_ref_set(struct percpu_ref *ref, int number)
{
	ref->count = number;
}

int percpu_ref_count(struct percpu_ref *ref)
{
	return ref->count;
}

void sim_list_init(struct list_head *head)
{
	head->next = head;
	head->prev = head;
}

/* That there was a signal is kept, how many is left out: retry loops would count without end. */
int eventfd_signal(struct eventfd_ctx *ctx, int n)
{
	atomic_cmpxchg(&ctx->count, 0, 1);
	return n;
}

/* A cell is a byte here, so that only a fill with zeroes means the same. */
void *sim_memset(void *object, int value, unsigned long size)
{
	long *cells = object;

	while (size--)
		cells[size] = value;
	return object;
}
