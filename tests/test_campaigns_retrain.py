"""A short part of `python -m campaigns.retrain`."""

from pathlib import Path

from campaigns.retrain import train_again


def test_every_file_has_the_same_bytes_whatever_the_hash_seed_and_the_threads(tmp_path: Path) -> None:
    first, second = (train_again(tmp_path / str(seed), seed, seed, step=15) for seed in (1, 2))
    assert first == second
    assert "my.safetensors" in first
