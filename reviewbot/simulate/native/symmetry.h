/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Equal tasks: what each of their permutations does to a state. */
#ifndef SYMMETRY_H
#define SYMMETRY_H

#include "explorer.h"

extern int turn_count; /* 1: there are no equal tasks */
extern int turn_pays, task_turn[MOST_TURNS][MOST_TASKS], turn_inverse[MOST_TURNS];
extern int turn_product[MOST_TURNS][MOST_TURNS];
extern int quiet; /* nothing that is accessed is recorded */

/* symmetry.c */
void read_symmetry(void);
int64_t turn_cell(int turn, int64_t cell);
int64_t turn_address(int turn, int64_t address);
V turn_value(int turn, V value);
void turn_state(int turn, const uint32_t *state, uint32_t *turned);
int is_tight_place(uint32_t local, int task);
int frozen_differs(const uint32_t *one, const uint32_t *other);
int is_frozen(int64_t cell);

/* equals.c */
int same_condition(const uint32_t *state, int task);
int is_tight(const uint32_t *state);
void check_condition(const uint32_t *state, int task);
void check_step(const uint32_t *state, int task, int way, const uint32_t *after);
void forget_conditions(void);
void write_difference(void);
#endif
