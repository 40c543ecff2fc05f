/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The compiled explorer: the machine and the search of machine.py and explore.py, for programs that come as data on
 * standard input. Nothing of a program is compiled; its instructions are interpreted, every access is checked.
 * generated.h has the numbers that both sides share.
 */
#ifndef EXPLORER_H
#define EXPLORER_H

#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "generated.h"

/* What a cell or a register holds: a number, or one of the words below in the topmost byte. */
typedef __int128 V;
#define WORD(v) ((int)((v) >> 120))
#define MADE(word, number) (((V)(word) << 120) | (V)(uint64_t)(number))
enum { W_NONE = 1, W_FREED, W_GUARD, W_OBJECT, W_QUEUE };
#define NONE MADE(W_NONE, 0)
#define FREED MADE(W_FREED, 0)
#define IS_NUMBER(v) (WORD(v) == 0 || WORD(v) == -1)

#define BLOCK 8 /* cells that are interned together */
#define MOST_TASKS 16
#define MOST_HELD 16
#define MOST_ARGUMENTS 16
#define MOST_TOUCHES 256
#define REGISTERS 8192
#define MOST_WAITERS 64
#define MOST_WORDS (MOST_CELLS_ALL / BLOCK + MOST_TASKS + 2)

/* How a step can end early. */
enum { F_VIOLATION = 1, F_UNKNOWN, F_TOO_BIG, F_CHANGED, F_READ, F_UNSUPPORTED, F_MEMORY, F_DIFFERS, F_ASYMMETRIC };
_Noreturn void end_step(int kind, int64_t code);
extern jmp_buf step_end;
extern int end_kind;
extern int64_t end_code;

struct node { int op, a, b, bits, sign; V value; };
struct instruction { int op, into, a, b, target, count, primitive; int *arguments; };
struct primitive { int kind, parameter, moves_left, blocks, always; };
struct function { int registers, cells, parameters, length, wake, *into, **live, *kept; struct instruction *code; };
struct held { int64_t lock; int exclusive, sleeps; };
struct frame { int function, at; V *registers; };

extern struct node *nodes;
extern struct primitive *primitives;
extern struct function *functions;
extern int function_count, task_count, cell_count, block_count, words, everything;
extern int64_t task_address[MOST_TASKS], state_offset, signal_offset, flags_offset;

/* The state that a step works on. */
struct machine {
	const uint32_t *state;
	uint32_t local[MOST_TASKS];
	V *dirty[(MOST_CELLS_ALL / BLOCK) + 1];
	V copies[(MOST_CELLS_ALL / BLOCK) + 1][BLOCK];
	int touched[(MOST_CELLS_ALL / BLOCK) + 1], touched_count;
	int task, frames, stack_size, held_count, register_top, slept, complaints, budget, spun;
	int64_t complaint[16];
	struct frame frame[MOST_FRAMES + 2];
	V registers[REGISTERS], stack[STACK_CELLS];
	struct held held[MOST_HELD];
	int spin_blocks;
	int64_t spin_cell;
};
extern struct machine m;

/* store.c */
uint32_t intern_block(const V *cells);
uint32_t intern_local(const V *values, int count);
uint32_t intern_queue(const int64_t *entries, int count);
const V *block_cells(uint32_t block);
const V *local_values(uint32_t local, int *count);
const int64_t *queue_entries(uint32_t queue, int *count);
uint32_t block_total(void), local_total(void), queue_total(void);
int add_state(const uint32_t *state, int *is_new);
int find_state(const uint32_t *state); /* -1: there is none */
const uint32_t *state_words(int number);
void forget_states(void);
void *more(void *array, int64_t needed, int64_t *room, size_t size);

/* memory.c, heap.c */
V get(V address);
void put(V address, V value);
V peek(int cell);
V *poke(int cell);
void open_state(const uint32_t *state, int task);
void close_state(uint32_t *after);
void open_cells(const uint32_t *state);
void close_cells(uint32_t *after);
void enter(int function, const V *arguments, int count);
int leave(V value);
int64_t allocate(int64_t size, V value);
int64_t object_size(int64_t address);
void release(int64_t address);
void hold(int64_t lock, int exclusive, int sleeps);
int unhold(int64_t lock);
int held_elsewhere(int64_t lock);
int atomic_context(void);
int owner_of(int64_t address);

/* memo.c */
void memo_forget(void);
void memo_begin(void);
void memo_not_local(void);
void memo_read(int cell, V value);
void memo_write(int cell);
int memo_find(const uint32_t *state, int task, int way, uint32_t *after);
int memo_last(int *reads, int32_t *cells, V *values);
void memo_add(const uint32_t *state, int task, int way, const uint32_t *after);

/* sharing.c */
void sharing_start(void);
void sharing_reveal(int64_t cell);
void sharing_ask(int64_t lock);
void sharing_escape(void);
int sharing_stops(V address, int kind);
_Noreturn void sharing_spin(void);
int is_visible(int64_t cell), is_asked(int64_t cell), any_asked(void);
extern int stacks_shared;
void write_sharing(void);
void read_sharing(void);

/* run.c, primitives.c, touches.c */
V evaluate(int node, const V *registers);
V number(V value);
void run(int way);
void step(int way);
int ways_at(uint32_t local);
int alternatives(void);
int touch(const struct primitive *what, const V *values, int64_t *cells, int *kinds);
int ready(const struct primitive *what, const V *values);
int perform(const struct primitive *what, const V *values, int way, V *result); /* 0: to be done again */
void complain(int64_t what);

/* search.c, input.c, output.c */
void search(const uint32_t *initial, int64_t most);
void write_result(int all);
void out(int64_t word);
int64_t in(void), within(int64_t low, int64_t high);
V in_value(void);
void out_cells(const V *values, int64_t count);
void out_queues(void);
void read_program(void);
int64_t read_state(uint32_t *state);
int property_of_text(int64_t address);
#endif
