"""Advice from made curves: each fault is named with the option to change; a healthy curve is left alone."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.evaluation.advice import Advice, advise
from core.evaluation.course import course_of
from core.families import FAMILIES
from core.families.base import Trains

OPTIONS = {"steps": 400, "warmup_steps": 10, "lr": 0.001, "accumulation": 1, "patience": 0}
STEPS = np.arange(1, 401)


def run(loss: Any, looks: dict[int, tuple[float, float]] | None = None, until: int = 400,
        is_over: bool = True, noise: float = 0.1, seed: int = 0, more: tuple[dict[str, Any], ...] = (),
        **options: Any) -> tuple[Advice, ...]:
    """Advice on a run whose steps lose `loss` with relative `noise`; `looks`: by step (loss, WER)."""
    swing = np.exp(np.random.default_rng(seed).normal(0, noise, len(STEPS)))
    rows: list[dict[str, Any]] = [
        {"kind": "step", "step": int(step), "loss": float(value), "epoch": int(step) // 10}
        for step, value in zip(STEPS, loss * swing, strict=True) if step <= until]
    rows += [{"kind": "eval", "step": step, "loss": value, "wer": wer}
             for step, (value, wer) in (looks or {}).items() if step <= until]
    return advise(course_of([*rows, *more], {**OPTIONS, **options}, is_over))


def codes(found: tuple[Advice, ...]) -> list[str]:
    return [advice.code for advice in found]


def falling(end: float = 0.3, tau: float = 120.0) -> Any:
    """From 3 towards `end`."""
    return end + (3 - end) * np.exp(-STEPS / tau)


def looks_of(loss: Any, wer: Any) -> dict[int, tuple[float, float]]:
    """A look every 50 steps."""
    return {int(step): (float(loss[step - 1]), float(wer[step - 1])) for step in range(50, 401, 50)}


HEALTHY = looks_of(falling(0.5), falling(0.05, 100) / 3)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("noise", [0.02, 0.15, 0.3])
def test_a_healthy_curve_is_given_none(noise: float, seed: int) -> None:
    assert run(falling(), HEALTHY, noise=noise, seed=seed) == ()
    assert run(falling(0.02, 60), looks_of(falling(0.05, 60), falling(0.01, 60) / 3), seed=seed) == ()


@pytest.mark.parametrize("until", range(5, 400, 15))
def test_a_healthy_run_is_left_in_peace_while_it_works(until: int) -> None:
    assert run(falling(), HEALTHY, until=until, is_over=False) == ()


@pytest.mark.parametrize("until", [1, 10, 30, 49])
def test_nothing_is_said_before_there_is_evidence(until: int) -> None:
    assert run(STEPS * 1.0, {5: (1.0, 1.0), 6: (9.0, 1.0)}, until=until) == ()


@pytest.mark.parametrize("seed", range(5))
def test_a_loss_that_rises_again_asks_for_a_lower_learning_rate(seed: int) -> None:
    loss = np.where(STEPS < 150, falling(0.5, 60), 0.7 + (STEPS - 150) / 150)
    found = run(loss, HEALTHY, seed=seed)
    assert codes(found) == ["too_fast"] and found[0].change == {"lr": 0.0003}
    assert "Try 0.0003 instead of 0.001" in found[0].sentence


def test_gradients_that_were_no_numbers_ask_for_a_lower_learning_rate() -> None:
    skipped = {"kind": "skipped", "step": 20, "ids": ["a"], "reason": "the gradient is not finite"}
    assert codes(run(falling(), HEALTHY, more=(skipped, skipped))) == ["too_fast"]
    assert run(falling(), HEALTHY, more=(skipped,)) == ()


@pytest.mark.parametrize(("patience", "change"), [
    (0, {"patience": 3}), (8, {"patience": 3}), (2, {"steps": 150})])
def test_validation_that_rises_while_training_falls_is_overfitting(
        patience: int, change: dict[str, Any]) -> None:
    val = np.where(STEPS < 150, falling(0.8, 60), 1.1 + (STEPS - 150) / 200)
    found = run(falling(0.05), looks_of(val, np.full(400, 0.4)), patience=patience)
    assert codes(found) == ["overfitting"] and found[0].change == change
    assert "lowest at step 150" in found[0].sentence


def test_a_validation_loss_that_rises_while_the_words_get_better_is_no_overfitting() -> None:
    val = np.where(STEPS < 150, falling(0.8, 60), 1.1 + (STEPS - 150) / 200)
    assert run(falling(0.05), looks_of(val, falling(0.05, 200) / 3)) == ()


@pytest.mark.parametrize("seed", range(5))
def test_a_loss_that_swings_and_no_longer_falls_asks_for_more_clips(seed: int) -> None:
    loss = np.where(STEPS < 100, falling(1.0, 40), 1.2)
    found = run(loss, looks_of(np.full(400, 1.2), np.full(400, 0.6)), noise=0.9, seed=seed)
    assert codes(found) == ["oscillation"] and found[0].change == {"accumulation": 2}


def test_a_curve_that_hardly_moves_asks_for_a_higher_learning_rate() -> None:
    found = run(np.full(400, 2.9), looks_of(np.full(400, 3.0), np.full(400, 1.0)))
    assert codes(found) == ["plateau"] and found[0].change == {"lr": 0.003}


@pytest.mark.parametrize(("patience", "change"), [(0, {"patience": 4}), (4, {"lr": 0.0003})])
def test_a_curve_that_went_flat_is_a_plateau(patience: int, change: dict[str, Any]) -> None:
    flat = np.where(STEPS < 120, falling(0.9, 30), 0.95)
    found = run(flat, looks_of(np.full(400, 1.2), np.full(400, 0.5)), patience=patience, noise=0.05)
    assert codes(found) == ["plateau"] and found[0].change == change
    assert "Since about step" in found[0].sentence


@pytest.mark.parametrize(("options", "change"), [
    ({}, {"steps": 800}), ({"tune": "language", "adapter_epochs": 8}, {"adapter_epochs": 16})])
def test_a_run_that_ends_while_its_loss_still_falls_is_underfitting(
        options: dict[str, Any], change: dict[str, Any]) -> None:
    phase = {"kind": "phase", "step": 0, "name": "both", "number": 1, "steps": 400}
    loss = 3 - 2.2 * STEPS / 400
    found = run(loss, looks_of(loss + 0.1, loss / 3), more=(phase,), **options)
    assert codes(found) == ["underfitting"] and found[0].change == change
    assert run(loss, looks_of(loss + 0.1, loss / 3), is_over=False, more=(phase,), **options) == ()


def test_a_loss_of_nothing_too_soon_is_doubted_unless_the_words_are_right() -> None:
    loss = np.where(STEPS < 30, 3.0, 0.004)
    found = run(loss, looks_of(np.full(400, 2.0), np.full(400, 0.8)))
    assert codes(found)[0] == "too_soon" and found[0].change == {"lr": 0.0003}
    assert "read the samples" in found[0].sentence
    assert run(loss, looks_of(np.full(400, 0.01), np.full(400, 0.02))) == ()


def speakers(step: int, **voices: tuple[float, float]) -> dict[str, Any]:
    return {"kind": "eval", "step": step, "loss": 0.6, "wer": 0.3, "by_speaker": voices}


def test_one_voice_that_lags_is_named_after_two_looks() -> None:
    late = [speakers(step, Ann=(5, 100), Ben=(6, 90), Cleo=(45, 80)) for step in (350, 400)]
    found = run(falling(), HEALTHY, more=tuple(late))
    assert codes(found) == ["speaker"] and "Cleo 56 % are wrong, of the others' 6 %" in found[0].sentence
    assert run(falling(), HEALTHY, more=(late[0],)) == ()
    few = [speakers(step, Ann=(5, 100), Cleo=(9, 16)) for step in (350, 400)]
    assert run(falling(), HEALTHY, more=tuple(few)) == ()


def test_a_new_phase_is_judged_by_its_own_steps() -> None:
    loss = np.where(STEPS <= 200, 0.5, 2.0 * np.exp(-(STEPS - 200) / 120))  # the second phase begins high
    phases = tuple({"kind": "phase", "step": at, "name": "x", "number": n, "steps": 200} for n, at in
                   ((1, 0), (2, 200)))
    assert codes(run(loss, until=300, is_over=False)) == ["too_fast"]
    assert run(loss, until=300, is_over=False, more=phases) == ()


def test_every_option_that_is_advised_is_there_and_in_its_range() -> None:
    flat, rising = np.full(400, 2.9), np.where(STEPS < 150, 1.0, 3.0)
    found = [*run(flat, lr=0.9), *run(rising, lr=1e-6), *run(flat, noise=0.9, accumulation=200)]
    assert len(found) == 3
    for family in (f for f in FAMILIES.values() if isinstance(f, Trains)):
        for advice in found:
            family.options(**advice.change)
