# SPDX-License-Identifier: GPL-2.0-or-later
"""What docs/ci.md tells people to paste works: the jobs' commands and the hooks are run as they stand there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.fixturekit import git
from tests.github.scene import function, source


def blocks(root: Path, language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", (root / "docs" / "ci.md").read_text(), re.M | re.S)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A repository with a branch that has a defect."""
    place = tmp_path / "work"
    place.mkdir()
    git(place, "init", "-q", "-b", "main")
    (place / "ring.c").write_text(source(function("old", bad=False)))
    git(place, "add", "-A")
    git(place, "commit", "-q", "-m", "base")
    git(place, "checkout", "-q", "-b", "topic")
    (place / "new.c").write_text(source(function("two")))
    git(place, "add", "-A")
    git(place, "commit", "-q", "-m", "ring: add two")
    return place


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """An environment whose PATH has the program, and a pip that has nothing left to install."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name, line in (
        ("reviewbot", f'exec "{sys.executable}" -m reviewbot "$@"'),
        ("pip", '[ "$*" = "install reviewbot" ]'),
    ):
        (tools / name).write_text(f"#!/bin/sh\n{line}\n")
        (tools / name).chmod(0o755)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GITHUB_", "CI_", "GIT_"))}
    who = {f"GIT_{role}_{part}": "a@example.org" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    return {**kept, **who, "PATH": f"{tools}:{kept['PATH']}", "GIT_CONFIG_GLOBAL": os.devnull}


def run(command: str, work: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command as CI does."""
    return subprocess.run(["bash", "-e", "-c", command], cwd=work, env=env, capture_output=True, text=True, check=False)


def test_the_github_workflow_s_commands_run(root: Path, work: Path, env: dict[str, str], tmp_path: Path) -> None:
    workflow = yaml.safe_load(blocks(root, "yaml")[0])
    # YAML 1.1 reads the key `on` as true
    assert "pull_request" in workflow[True] and workflow["permissions"]["security-events"] == "write"
    ends = {
        side: {"sha": git(work, "rev-parse", rev).out.strip()} for side, rev in (("base", "main"), ("head", "topic"))
    }
    (tmp_path / "event.json").write_text(json.dumps({"pull_request": ends}))
    env |= {"GITHUB_EVENT_PATH": str(tmp_path / "event.json"), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    steps = [step["run"] for step in workflow["jobs"]["review"]["steps"] if "run" in step]
    done = [run(step, work, env) for step in steps]
    assert [one.returncode for one in done] == [0, 0, 0, 1], [one.stderr for one in done]
    assert done[1].stdout.startswith("::error file=new.c,line=8,")
    assert "uninitialized" in (tmp_path / "summary").read_text()
    (logged,) = json.loads((work / "reviewbot.sarif").read_text())["runs"]
    assert [result["ruleId"] for result in logged["results"]].count("uninitialized-use") == 1


def test_the_gitlab_job_s_commands_run(root: Path, work: Path, env: dict[str, str]) -> None:
    job = yaml.safe_load(blocks(root, "yaml")[1])["reviewbot"]
    env["CI_MERGE_REQUEST_DIFF_BASE_SHA"] = git(work, "rev-parse", "main").out.strip()
    env["CI_COMMIT_SHA"] = git(work, "rev-parse", "topic").out.strip()
    assert [run(line, work, env).returncode for line in job["script"]] == [0, 1]
    assert "<failure" in (work / job["artifacts"]["reports"]["junit"]).read_text()


def test_the_pre_commit_configuration_s_entry_runs(root: Path, work: Path, env: dict[str, str]) -> None:
    (hook,) = yaml.safe_load(blocks(root, "yaml")[2])["repos"][0]["hooks"]
    assert run(hook["entry"], work, env).returncode == 1


def install(root: Path, work: Path, number: int, name: str) -> None:
    """Install a hook from the documentation."""
    hook = work / ".git" / "hooks" / name
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(blocks(root, "sh")[number])
    hook.chmod(0o755)


def test_the_hook_stops_a_bad_commit_and_lets_a_good_one_pass(root: Path, work: Path, env: dict[str, str]) -> None:
    install(root, work, 0, "pre-commit")
    (work / "more.c").write_text(source(function("three")))
    refused = run("git add -A && git commit -q -m bad", work, env)
    assert refused.returncode == 1 and "three" in refused.stdout + refused.stderr
    (work / "more.c").write_text(source(function("three", bad=False)))
    assert run("git add -A && git commit -q -m good", work, env).returncode == 0


def test_the_hook_stops_git_am_at_a_bad_patch(root: Path, work: Path, env: dict[str, str]) -> None:
    install(root, work, 0, "pre-applypatch")
    git(work, "format-patch", "-q", "-o", "../mails", "main")
    git(work, "checkout", "-q", "main")
    assert run("git am -q ../mails/*.patch", work, env).returncode != 0
    assert git(work, "log", "--format=%s").out == "base\n"


def test_the_other_hook_tells_of_each_applied_patch(root: Path, work: Path, env: dict[str, str]) -> None:
    install(root, work, 1, "post-applypatch")
    git(work, "format-patch", "-q", "-o", "../mails", "main")
    git(work, "checkout", "-q", "main")
    done = run("git am -q ../mails/*.patch", work, env)
    assert done.returncode == 0 and "uninitialized-use" in done.stdout + done.stderr
