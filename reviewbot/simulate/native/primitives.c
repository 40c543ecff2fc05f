/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What primitives do: the `run` of the models in kernel/ but for wait queues. */
#include "explorer.h"
#include "kernel.h"

static V wrap_int(V value)
{
	return (V)(int32_t)(uint32_t)(uint64_t)value;
}

static V atomic(int parameter, const V *v)
{
	V cell = v[ATOMIC_PLACE(parameter)], new = NONE, result = NONE;
	int operation = ATOMIC_OPERATION(parameter);
	V old = operation == A_SET ? 0 : get(cell);

	switch (operation) {
	case A_READ: result = old; break;
	case A_SET: new = v[1]; break;
	case A_INC: new = number(old) + 1; break;
	case A_DEC: new = number(old) - 1; break;
	case A_ADD: new = number(old) + v[0]; break;
	case A_SUB: new = number(old) - v[0]; break;
	case A_INC_RETURN: result = new = number(old) + 1; break;
	case A_DEC_RETURN: result = new = number(old) - 1; break;
	case A_ADD_RETURN: result = new = number(old) + v[0]; break;
	case A_SUB_RETURN: result = new = number(old) - v[0]; break;
	case A_DEC_AND_TEST: new = number(old) - 1; result = old == 1; break;
	case A_INC_AND_TEST: new = number(old) + 1; result = old == -1; break;
	case A_SUB_AND_TEST: new = number(old) - v[0]; result = old == v[0]; break;
	case A_INC_NOT_ZERO:
		result = number(old) != 0;
		if (result)
			new = old + 1;
		break;
	case A_ADD_UNLESS:
		result = number(old) != v[2];
		if (result)
			new = old + v[1];
		break;
	case A_DEC_IF_POSITIVE:
		result = number(old) - 1;
		if (old > 0)
			new = result;
		break;
	case A_XCHG: new = v[1]; result = old; break;
	case A_CMPXCHG:
		result = old;
		if (old == v[1])
			new = v[2];
		break;
	default: end_step(F_UNSUPPORTED, 11);
	}
	if (WORD(new) != W_NONE)
		put(cell, ATOMIC_WRAPS(parameter) ? wrap_int(number(new)) : new);
	return result;
}

static void no_sleep_when_atomic(void)
{
	if (atomic_context())
		end_step(F_VIOLATION, P_SLEEP_IN_ATOMIC);
}

static int take_mutex(V lock, V *result)
{
	no_sleep_when_atomic();
	if (number(get(own_state())))
		sharing_ask((int64_t)lock);
	if (number(get(lock))) {
		put(own_state(), 0);
		return 0;
	}
	put(lock, -1);
	hold((int64_t)lock, 1, 1);
	*result = 0;
	return 1;
}

static int try_lock(V lock, int sleeps)
{
	sharing_ask((int64_t)lock);
	if (number(get(lock)))
		return 0;
	put(lock, -1);
	hold((int64_t)lock, 1, sleeps);
	return 1;
}

static V take_reference(V cell)
{
	V now = number(get(cell)) + 1;

	if (now > MOST_REFERENCES)
		end_step(F_VIOLATION, P_REFERENCES_BALANCE);
	put(cell, now);
	return 1;
}

static V put_reference(V cell, V count)
{
	V old = number(get(cell));

	if (old < count)
		complain(P_REFERENCES_BALANCE);
	put(cell, old - count);
	return old == count;
}

static V sleep_now(void)
{
	no_sleep_when_atomic();
	m.slept = 1;
	put(own_state(), 0);
	return 0;
}

static V sleep_for(V timeout)
{
	no_sleep_when_atomic();
	V state = number(get(own_state()));

	put(own_state(), 0);
	if (state == 0 || interrupted(state))
		return timeout;
	m.slept = 1;
	return 0;
}

static V flag_of(V task, V bit, int kind)
{
	V cell = task + flags_offset, old = number(get(cell)), mask = (V)1 << (int)(bit & 63);

	if (kind == K_SET_FLAG)
		put(cell, old | mask);
	else if (kind == K_CLEAR_FLAG)
		put(cell, old & ~mask);
	return (old & mask) != 0;
}

static void send_signal(V signal, V task)
{
	V cell = task + signal_offset, fatal = signal == 9;

	put(cell, number(get(cell)) | (fatal ? 3 : 1));
	V state = number(get(task + state_offset));

	if ((state & INTERRUPTIBLE) || (fatal && (state & WAKEKILL)))
		put(task + state_offset, 0);
}

static void drop_lock(V lock)
{
	if (!unhold((int64_t)lock))
		end_step(F_VIOLATION, P_LOCKS_BALANCE);
	V held = number(get(lock));

	put(lock, held > 0 ? held - 1 : 0);
}

/* Do a primitive; 0 if it is still to be done. The result stays as it is for one without. */
int perform(const struct primitive *what, const V *v, int way, V *result)
{
	switch (what->kind) {
	case K_ATOMIC: *result = atomic(what->parameter, v); return 1;
	case K_PUT: *result = put_reference(v[0], v[1]); return 1;
	case K_GET: *result = take_reference(v[0]); return 1;
	case K_TRYGET: *result = number(get(v[0])) <= 0 ? 0 : take_reference(v[0]); return 1;
	case K_TAKE:
		put(v[0], -1);
		hold((int64_t)v[0], 1, 0);
		return 1;
	case K_DOWN_READ: no_sleep_when_atomic(); /* fall through */
	case K_READ_TAKE:
		put(v[0], number(get(v[0])) + 1);
		hold((int64_t)v[0], 0, what->kind == K_DOWN_READ);
		return 1;
	case K_DROP: drop_lock(v[0]); return 1;
	case K_TRY: *result = try_lock(v[0], 0); return 1;
	case K_MUTEX_TRY: *result = try_lock(v[0], 1); return 1;
	case K_IS_LOCKED:
		sharing_ask((int64_t)v[0]);
		*result = number(get(v[0])) != 0;
		return 1;
	case K_MUTEX_OR_SIGNAL:
		sharing_ask((int64_t)v[0]);
		if (number(get(v[0])) && !number(get(own_state()))) {
			*result = -4;
			return 1;
		} /* fall through */
	case K_MUTEX_TAKE: return take_mutex(v[0], result);
	case K_DOWN:
		no_sleep_when_atomic();
		put(v[0], number(get(v[0])) - 1);
		*result = 0;
		return 1;
	case K_UP: put(v[0], number(get(v[0])) + 1); return 1;
	case K_SEMA_INIT: put(v[0], v[1]); return 1;
	case K_ZERO: put(v[0], 0); return 1;
	case K_RCU_LOCK: hold(BASE, 0, 0); return 1;
	case K_RCU_UNLOCK:
		if (!unhold(BASE))
			end_step(F_VIOLATION, P_LOCKS_BALANCE);
		return 1;
	case K_RCU_WAIT: no_sleep_when_atomic(); return 1;
	case K_ALLOCATE: *result = allocate(v[0] > 1 ? (int64_t)v[0] : 1, what->parameter ? 0 : NONE); return 1;
	case K_FREE:
		if (v[0])
			release((int64_t)v[0]);
		return 1;
	case K_BUG:
		if (v[0])
			end_step(F_VIOLATION, P_BUG);
		*result = 0;
		return 1;
	case K_WARN:
		if (v[0])
			complain(P_WARNING);
		*result = v[0] != 0;
		return 1;
	case K_PANIC: end_step(F_VIOLATION, P_PANIC);
	case K_CURRENT: *result = task_address[m.task]; return 1;
	case K_CHOOSE: *result = way; return 1;
	case K_ASSERT:
		if (!v[0])
			complain(property_of_text((int64_t)v[1]));
		*result = 0;
		return 1;
	case K_AWAIT: case K_AWAIT_ZERO: case K_NOTHING: case K_UNTIL_KILLED: *result = 0; return 1;
	case K_SCHEDULE:
		no_sleep_when_atomic();
		put(own_state(), 0);
		return 1;
	case K_COUNTS:
		get(v[0]);
		*result = 0;
		return 1;
	case K_TIMEOUT: *result = sleep_for(v[0]); return 1;
	case K_SLEEP: *result = sleep_now(); return 1;
	case K_SLEEP_UNLESS:
		if (number(get(own_signals())) & what->parameter) {
			no_sleep_when_atomic();
			*result = v[0];
			return 1;
		}
		*result = sleep_now();
		return 1;
	case K_SET_STATE: put(own_state(), v[0]); return 1;
	case K_PENDING: *result = (number(get(v[0] + signal_offset)) & what->parameter) != 0; return 1;
	case K_SEND: send_signal(v[0], v[1]); *result = 0; return 1;
	case K_TEST_OWN_FLAG: *result = flag_of(task_address[m.task], v[0], what->kind); return 1;
	case K_TEST_FLAG: case K_SET_FLAG: case K_CLEAR_FLAG: *result = flag_of(v[0], v[1], what->kind); return 1;
	}
	return wait_primitive(what, v, result);
}
