# SPDX-License-Identifier: GPL-2.0-or-later
"""The requests that the tests' GitHub understands: reviews, threads, checks, statuses, comments, pull requests."""

from __future__ import annotations

from typing import Any

from tests.github.hub import BOT, REPOSITORY, Hub, RefusedError, Request, bounded, find_pull, one_of, route

Json = Any


def _pull(hub: Hub, pull: dict[str, Json]) -> Json:
    shown = hub.example("pull-request")
    url = f"{hub.url}/repos/{REPOSITORY}/pulls/{pull['number']}"
    sides = {
        side: {**shown[side], "ref": pull[side], "sha": hub.sha(pull[side]), "label": f"octo:{pull[side]}"}
        for side in ("head", "base")
    }
    return {
        **shown, **sides, "url": url, "number": pull["number"], "title": pull["title"], "body": pull["body"],
        "state": pull["state"], "draft": pull["draft"], "user": hub.user(pull["author"]), "requested_teams": [],
        "issue_url": f"{hub.url}/repos/{REPOSITORY}/issues/{pull['number']}",
        "updated_at": f"2026-03-01T00:{pull['changed'] // 60 % 60:02}:{pull['changed'] % 60:02}Z",
    }  # fmt: skip


@route("GET", "/pulls")
def list_pulls(hub: Hub, request: Request) -> tuple[int, Json]:
    wanted = request.query.get("state", "open")
    head = request.query.get("head", "").removeprefix("octo:")
    found = [p for p in hub.pulls.values() if wanted in ("all", p["state"]) and head in ("", p["head"])]
    found.sort(key=lambda p: p["changed"], reverse=True)
    return 200, [_pull(hub, pull) for pull in found]


@route("POST", "/pulls")
def open_pull(hub: Hub, request: Request) -> tuple[int, Json]:
    body = request.body
    hub.sha(body["head"])
    if any(p["head"] == body["head"] and p["state"] == "open" for p in hub.pulls.values()):
        said = f"A pull request already exists for octo:{body['head']}."
        raise RefusedError(422, "Validation Failed", [{"message": said}])
    number = hub.open(body["head"], body["base"], BOT, body["title"])
    hub.pulls[number]["body"] = bounded(body["body"])
    return 201, _pull(hub, hub.pulls[number])


@route("GET", "/pulls/{}")
def show_pull(hub: Hub, request: Request) -> tuple[int, Json]:
    return 200, _pull(hub, find_pull(hub, request.parts[0]))


@route("PATCH", "/pulls/{}")
def edit_pull(hub: Hub, request: Request) -> tuple[int, Json]:
    pull = find_pull(hub, request.parts[0])
    pull.update({key: bounded(request.body[key]) for key in ("title", "body") if key in request.body})
    return 200, _pull(hub, pull)


def _review(hub: Hub, review: dict[str, Json]) -> Json:
    user = hub.user(review.get("author", BOT))
    shown = hub.example("pull-request-review", id=review["id"], body=review["body"], user=user, state="COMMENTED")
    return {**shown, "commit_id": review["commit"]}


@route("GET", "/pulls/{}/reviews")
def list_reviews(hub: Hub, request: Request) -> tuple[int, Json]:
    find_pull(hub, request.parts[0])
    return 200, [_review(hub, r) for r in hub.reviews if r["pull"] == int(request.parts[0])]


@route("POST", "/pulls/{}/reviews")
def post_review(hub: Hub, request: Request) -> tuple[int, Json]:
    pull = find_pull(hub, request.parts[0])
    lines = hub.lines(pull)
    comments = request.body.get("comments", [])
    for comment in comments:
        if (comment["path"], comment["line"]) not in lines or comment["line"] in hub.refused_lines:
            raise RefusedError(
                422, "Unprocessable Entity", ["Pull request review thread line must be part of the diff"]
            )
    text = bounded(request.body.get("body") or "")
    if request.body["event"] == "COMMENT" and not text:
        raise RefusedError(422, "Unprocessable Entity", ["Review body can't be blank"])
    review = {"id": next(hub.ids), "pull": pull["number"], "body": text, "commit": request.body["commit_id"]}
    hub.reviews.append(review)
    for comment in comments:
        own = {"author": BOT, "review": review["id"], "body": bounded(comment["body"])}
        hub.begin_thread(pull["number"], {**comment, **own})
    pull["changed"] += 1
    return 200, _review(hub, review)


def _comment(hub: Hub, comment: dict[str, Json]) -> Json:
    url = f"{hub.url}/repos/{REPOSITORY}/pulls/comments/{comment['id']}"
    return hub.example(
        "pull-request-review-comment-2", id=comment["id"], body=comment["body"], path=comment["path"],
        line=comment["line"], side="RIGHT", user=hub.user(comment["author"]), url=url,
    )  # fmt: skip


@route("GET", "/pulls/comments/{}")
def show_comment(hub: Hub, request: Request) -> tuple[int, Json]:
    return 200, _comment(hub, one_of(hub.comments, request.parts[0]))


@route("PATCH", "/pulls/comments/{}")
def edit_comment(hub: Hub, request: Request) -> tuple[int, Json]:
    comment = one_of(hub.comments, request.parts[0])
    comment["body"] = bounded(request.body["body"])
    return 200, _comment(hub, comment)


@route("POST", "/pulls/{}/comments/{}/replies")
def reply(hub: Hub, request: Request) -> tuple[int, Json]:
    first = one_of(hub.comments, request.parts[1])
    made = {**first, "id": next(hub.ids), "author": BOT, "body": bounded(request.body["body"])}
    hub.comments.append(made)
    return 201, _comment(hub, made)


@route("GET", "/issues/{}")
def show_issue(hub: Hub, request: Request) -> tuple[int, Json]:
    number = find_pull(hub, request.parts[0])["number"]
    return 200, hub.example("issue", number=number, url=f"{hub.url}/repos/{REPOSITORY}/issues/{number}")


def _remark(hub: Hub, remark: dict[str, Json]) -> Json:
    url = f"{hub.url}/repos/{REPOSITORY}/issues/comments/{remark['id']}"
    html_url = f"https://github.com/{REPOSITORY}/pull/{remark['pull']}#issuecomment-{remark['id']}"
    user = hub.user(remark["author"])
    return hub.example("issue-comment", id=remark["id"], body=remark["body"], user=user, url=url, html_url=html_url)


@route("GET", "/issues/{}/comments")
def list_remarks(hub: Hub, request: Request) -> tuple[int, Json]:
    return 200, [_remark(hub, r) for r in hub.remarks if r["pull"] == int(request.parts[0])]


@route("POST", "/issues/{}/comments")
def post_remark(hub: Hub, request: Request) -> tuple[int, Json]:
    number = find_pull(hub, request.parts[0])["number"]
    hub.say(number, BOT, bounded(request.body["body"]))
    return 201, _remark(hub, hub.remarks[-1])


@route("GET", "/issues/comments/{}")
def show_remark(hub: Hub, request: Request) -> tuple[int, Json]:
    return 200, _remark(hub, one_of(hub.remarks, request.parts[0]))


@route("POST", "/issues/comments/{}/reactions")
def react(hub: Hub, request: Request) -> tuple[int, Json]:
    return _react(hub, request, hub.remarks)


@route("POST", "/pulls/comments/{}/reactions")
def react_in_thread(hub: Hub, request: Request) -> tuple[int, Json]:
    return _react(hub, request, hub.comments)


def _react(hub: Hub, request: Request, rows: list[dict[str, Json]]) -> tuple[int, Json]:
    remark = one_of(rows, request.parts[0])
    known = [r for r in hub.reactions if r["remark"] == remark["id"] and r["content"] == request.body["content"]]
    if not known:
        hub.reactions.append({"id": next(hub.ids), "remark": remark["id"], "content": request.body["content"]})
    made = (known or hub.reactions)[-1]
    return (200 if known else 201), hub.example("reaction", id=made["id"], content=made["content"], user=hub.user(BOT))


@route("GET", "/collaborators/{}/permission")
def permission(hub: Hub, request: Request) -> tuple[int, Json]:
    login = request.parts[0]
    shown = hub.example("repository-collaborator-permission-response-if-user-has-admin-permissions")
    level = hub.permissions.get(login, "read")
    return 200, {**shown, "permission": level, "role_name": level, "user": {**shown["user"], "role_name": level}}


@route("GET", "/commits/{}")
def show_commit(hub: Hub, request: Request) -> tuple[int, Json]:
    sha = request.parts[0]
    return 200, hub.example("commit", sha=sha, url=f"{hub.url}/repos/{REPOSITORY}/commits/{sha}", files=[])


def _check(hub: Hub, check: dict[str, Json]) -> Json:
    example = "check-run-example-of-completed-conclusion"
    shown = hub.example(example, **{k: check[k] for k in ("id", "head_sha", "external_id", "status", "conclusion")})
    output = {**shown["output"], **check["output"], "annotations_count": len(check["annotations"])}
    url = f"{hub.url}/repos/{REPOSITORY}/check-runs/{check['id']}"
    return {**shown, "name": check["name"], "output": output, "url": url}


def _only_apps(hub: Hub) -> None:
    if not hub.app:
        raise RefusedError(403, "You must authenticate via a GitHub App.")


@route("POST", "/check-runs")
def begin_check(hub: Hub, request: Request) -> tuple[int, Json]:
    _only_apps(hub)
    body = request.body
    check = {
        "id": next(hub.ids), "name": body["name"], "head_sha": body["head_sha"], "status": body.get("status", "queued"),
        "external_id": body.get("external_id", ""), "conclusion": None, "output": {}, "annotations": [],
    }  # fmt: skip
    hub.checks.append(check)
    return 201, _check(hub, check)


@route("PATCH", "/check-runs/{}")
def edit_check(hub: Hub, request: Request) -> tuple[int, Json]:
    _only_apps(hub)
    check = one_of(hub.checks, request.parts[0])
    output = dict(request.body.get("output", {}))
    check["annotations"] += output.pop("annotations", [])
    check["output"].update({key: bounded(value) for key, value in output.items()})
    check.update({key: request.body[key] for key in ("status", "conclusion") if key in request.body})
    return 200, _check(hub, check)


@route("GET", "/commits/{}/check-runs")
def list_checks(hub: Hub, request: Request) -> tuple[int, Json]:
    name = request.query.get("check_name")
    found = [c for c in hub.checks if c["head_sha"] == request.parts[0] and name in (None, c["name"])]
    return 200, {"total_count": len(found), "check_runs": [_check(hub, c) for c in found]}


def _status(hub: Hub, status: dict[str, Json]) -> Json:
    return hub.example("status", **{k: status[k] for k in ("id", "state", "description", "context")})


@route("POST", "/statuses/{}")
def post_status(hub: Hub, request: Request) -> tuple[int, Json]:
    if not hub.writable:
        raise RefusedError(403, "Resource not accessible by integration")
    hub.statuses.append({"description": None, **request.body, "id": next(hub.ids), "sha": request.parts[0]})
    return 201, _status(hub, hub.statuses[-1])


@route("GET", "/commits/{}/status")
def combined_status(hub: Hub, request: Request) -> tuple[int, Json]:
    latest = {s["context"]: _status(hub, s) for s in hub.statuses if s["sha"] == request.parts[0]}
    shown = hub.example("combined-commit-status", sha=request.parts[0], total_count=len(latest))
    return 200, {**shown, "statuses": list(latest.values())}


def _place(comment: dict[str, Json]) -> Json:
    return {"path": comment["path"], "line": comment["line"], "diffSide": comment["side"]}


def _node(comment: dict[str, Json]) -> Json:
    kind = "Bot" if comment["author"] == BOT else "User"
    return {
        "databaseId": comment["id"],
        "body": comment["body"],
        "url": f"https://github.com/{REPOSITORY}/pull/{comment['pull']}#discussion_r{comment['id']}",
        "createdAt": "2026-03-01T00:00:00Z",
        "author": {"__typename": kind, "login": comment["author"]},
    }


def graphql(hub: Hub, query: str, variables: Json) -> Json:
    """Answer the bot's GraphQL: who it is, the threads of a pull request, resolving them."""
    if "resolveReviewThread" in query or "unresolveReviewThread" in query:
        name = "unresolveReviewThread" if "unresolveReviewThread" in query else "resolveReviewThread"
        thread = hub.threads[variables["id"]]
        thread.update(resolved=name == "resolveReviewThread", by=BOT if name == "resolveReviewThread" else None)
        return {name: {"thread": {"id": variables["id"], "isResolved": thread["resolved"]}}}
    if "reviewThreads" not in query:
        return {"viewer": {"login": BOT}}
    all_threads = [(k, t) for k, t in hub.threads.items() if t["pull"] == variables["number"]]
    start = int(variables.get("after") or 0)
    nodes = [
        {
            "id": key,
            "isResolved": thread["resolved"],
            "resolvedBy": {"login": thread["by"]} if thread["by"] else None,
            **_place(next(c for c in hub.comments if c["thread"] == key)),
            "comments": {"nodes": [_node(c) for c in hub.comments if c["thread"] == key]},
        }
        for key, thread in all_threads[start : start + 50]
    ]
    page = {"hasNextPage": start + 50 < len(all_threads), "endCursor": str(start + 50)}
    threads = {"pageInfo": page, "nodes": nodes}
    return {"viewer": {"login": BOT}, "repository": {"pullRequest": {"reviewThreads": threads}}}
