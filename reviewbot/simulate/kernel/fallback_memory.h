/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allocations that may fail, each time or not: a scenario has the code under
 * test call them with `redirect: kmalloc = kmalloc_may_fail`. Left out: which
 * flags make a failure impossible.
 */
void *kmalloc_may_fail(unsigned long size, unsigned int flags)
{
	return choose(2) ? NULL : kmalloc(size, flags);
}

void *kzalloc_may_fail(unsigned long size, unsigned int flags)
{
	return choose(2) ? NULL : kzalloc(size, flags);
}
