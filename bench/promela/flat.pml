/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One group, in which all tasks are. */
#define GROUPS 1
#define HOME(task) 0
#define PARENT(group) NONE
#define BELOW(group, top) true
#define RELATED(one, other) true
#define FIRST(top) 0
#define AFTER(top, group) NONE
