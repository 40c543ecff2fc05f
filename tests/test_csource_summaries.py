# SPDX-License-Identifier: GPL-2.0-or-later
"""What functions do, from the table and from code; who calls whom."""

from __future__ import annotations

from reviewbot.csource.api import kernel_api
from reviewbot.csource.callgraph import call_graph, touched
from reviewbot.csource.exprtypes import type_of
from reviewbot.csource.parse import Unit, parse
from reviewbot.csource.summaries import Summary, from_table, summarize
from reviewbot.model.tree import SourceFile

GATE = """\
struct pond { struct mutex lock; struct gate *gates; int depth; wait_queue_head_t idle; };
struct gate { unsigned long width; struct gate *next; };
static DECLARE_WAIT_QUEUE_HEAD(waiters);
static void wake_idle(struct pond *p) { wake_up_all(&p->idle); }
static void wake_both(struct pond *q) { wake_idle(q); wake_up(&waiters); }
static int wait_for_room(struct pond *p)
{
	DEFINE_WAIT(wait);
	prepare_to_wait(&waiters, &wait, TASK_KILLABLE);
	schedule();
	finish_wait(&waiters, &wait);
	return -EAGAIN;
}
static int enter(struct pond *p, int *depth)
{
	int err;

	mutex_lock(&p->lock);
	*depth = p->depth;
	err = wait_for_room(p);
	mutex_unlock(&p->lock);
	return err;
}
static void maybe(int *depth, int a) { if (a) *depth = 1; }
static struct gate *make(void) { struct gate *g = kzalloc(sizeof(*g), GFP_KERNEL); return g; }
static struct gate *make_quick(void) { return kzalloc(1, GFP_ATOMIC); }
static struct gate *find(int n) { if (n) return ERR_PTR(-ENOENT); return NULL; }
static void drop(struct gate *g) { kfree(g); }
static void stop(void) { for (;;) { panic("dry"); } }
static void walk(struct pond *p) { each_gate(p, drop); }
static void down(struct gate *g) { down(g->next); wake_up(&g->next->width); }
"""


def unit(text: str) -> Unit:
    return parse(SourceFile("pond/gate.c", text.encode(), str(hash(text))))


def summary(name: str) -> Summary:
    return summarize([unit(GATE)])[name]


def test_wakeups_are_followed_through_calls_and_named_by_parameters() -> None:
    assert summary("wake_idle").wakes == {"$0->idle"}
    assert summary("wake_both").wakes == {"$0->idle", "waiters"}
    assert summary("enter").wakes == frozenset()


def test_sleeping_states_locks_and_errors_reach_the_callers() -> None:
    found = summary("enter")
    assert found.sleeps
    assert found.schedules
    assert found.returns_negative
    assert found.sets_state == {"TASK_KILLABLE"}
    assert found.acquires == found.releases == {"$0->lock"}


def test_a_target_is_initialised_only_if_every_way_writes_it() -> None:
    assert summary("enter").initialises == {1}
    assert summary("maybe").initialises == frozenset()


def test_results_that_may_be_null_or_an_error_pointer_are_told_apart() -> None:
    assert (summary("make").returns_null, summary("make").returns_error_pointer) == (True, False)
    assert (summary("find").returns_null, summary("find").returns_error_pointer) == (True, True)
    assert not summary("enter").returns_null


def test_flags_decide_whether_an_allocation_sleeps() -> None:
    assert summary("make").sleeps
    assert not summary("make_quick").sleeps


def test_frees_and_functions_that_never_return_are_known() -> None:
    assert summary("drop").frees == {0}
    assert summary("stop").noreturn
    assert not summary("drop").noreturn


def test_a_recursive_function_has_a_bounded_summary() -> None:
    assert 0 < len(summary("down").wakes) < 10


def test_the_table_knows_the_kernels_functions() -> None:
    api = kernel_api()
    assert api.wakes["wake_up_all"] == 0
    assert api.locks["mutex_lock_killable"].effect == "zero"
    assert api.references["css_tryget"] == {"css_put"}
    assert "schedule" in api.sleeps
    known = from_table("kfree")
    assert known is not None
    assert known.frees == {0}
    assert from_table("no_such_function") is None


def test_the_call_graph_has_calls_and_callbacks_by_name() -> None:
    graph = call_graph([unit(GATE)])
    assert [(e.callee, e.kind) for e in graph.callees("walk")] == [("each_gate", "call"), ("drop", "callback")]
    assert {e.caller for e in graph.callers("wait_for_room")} == {"enter"}
    assert graph.reachable_from(["enter"]) >= {"enter", "wait_for_room", "schedule"}
    assert graph.dependents(["kfree"]) == {"kfree", "drop", "walk"}
    assert [f.name for f in touched(unit(GATE), [4, 16])] == ["wake_idle", "enter"]


def test_types_follow_members_and_pointers() -> None:
    found = unit(
        GATE + "static void f(struct pond *p, struct pond ps[2]) { p->gates[1].next->width; ps[0].depth; make(); }\n"
    )
    function = found.functions[-1]
    exprs = [stmt.expr for stmt in function.body.body]  # type: ignore[attr-defined]
    assert [str(type_of(function, found, expr)) for expr in exprs] == ["unsigned long", "int", "struct gate *"]
