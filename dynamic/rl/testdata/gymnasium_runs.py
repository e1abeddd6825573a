"""Plays environments of Gymnasium and writes what happened as JSON, for the Go test beside to repeat.

Numbers of float32 are written as their bits, those of float64 as Python's shortest text, which Go reads back exactly.
"""

import json
import sys

import gymnasium
import numpy as np
from gymnasium.envs.toy_text.frozen_lake import generate_random_map

SEEDS = [0, 7, 42, 2**40 + 123]
STEPS = 500


def bits(values):
    return [int(b) for b in np.atleast_1d(np.asarray(values, dtype=np.float32)).view(np.uint32)]


WRAPPERS = {
    "statistics": gymnasium.wrappers.RecordEpisodeStatistics,
    "observation": gymnasium.wrappers.NormalizeObservation,
    "reward": lambda env: gymnasium.wrappers.NormalizeReward(env, gamma=0.9),
    "clip reward": lambda env: gymnasium.wrappers.ClipReward(env, -0.5, 0.25),
    "clip action": gymnasium.wrappers.ClipAction,
    "stack": lambda env: gymnasium.wrappers.FrameStackObservation(env, 3),
}


def play(name, seed, policy="random", make="CartPole-v1", steps=STEPS, wrapper=None, **options):
    env = gymnasium.make(make, **options)
    if wrapper:
        env = WRAPPERS[wrapper](env)
    env.action_space.seed(seed)
    obs, _ = env.reset(seed=seed)
    obs = np.ravel(obs)
    run = {"name": name, "seed": seed, "policy": policy, "start": bits(obs), "steps": []}
    for t in range(steps):
        action = env.action_space.sample()
        if policy == "balance" and t % 29:  # a blunder now and then
            action = int(3 * obs[2] + obs[3] + 0.1 * obs[0] + 0.2 * obs[1] > 0)
        if policy == "left":  # against the shore, until the limit of steps
            action = 0
        if policy == "swing":  # push where the car rolls, and it reaches the flag
            action = 2 * int(obs[1] >= 0) if make == "MountainCar-v0" else np.array([1 if obs[1] >= 0 else -1], np.float32)
        if policy == "pump":  # turn with the lower rod, and the end comes up
            action = 2 * int(obs[5] >= 0)
        if policy == "hard":  # forces beyond the bounds too, which are cut
            action = 3 * action
        obs, reward, terminated, truncated, info = env.step(action)
        obs = np.ravel(obs)
        step = {"action": bits(action), "observation": bits(obs), "reward": float(reward),
                "terminated": terminated, "truncated": truncated}
        if wrapper == "statistics" and "episode" in info:
            step["sum"], step["length"] = float(info["episode"]["r"]), int(info["episode"]["l"])
        if terminated or truncated:
            obs, _ = env.reset()
            obs = np.ravel(obs)
            step["reset"] = bits(obs)
        run["steps"].append(step)
    if options.get("render_mode") == "ansi":
        run["text"] = env.render()
    return run


def box(seed, low, high, n=200):
    space = gymnasium.spaces.Box(np.array(low, np.float32), np.array(high, np.float32), seed=seed)
    bounds = {"low": bits(space.low), "high": bits(space.high)}
    return {"seed": seed, **bounds, "samples": [bits(space.sample()) for _ in range(n)]}


def vector(name, mode, seed, n=3, steps=250):
    envs = gymnasium.make_vec(name, num_envs=n, vectorization_mode="sync", vector_kwargs={"autoreset_mode": mode})
    envs.action_space.seed(seed)
    obs, _ = envs.reset(seed=seed)
    run = {"name": name, "mode": mode.value, "seed": seed, "n": n, "start": bits(obs.ravel()), "steps": []}
    for _ in range(steps):
        actions = envs.action_space.sample()
        obs, rewards, terminated, truncated, info = envs.step(actions)
        over = terminated | truncated
        step = {"action": bits(actions.ravel()), "observation": bits(obs.ravel()), "rewards": rewards.tolist(),
                "terminated": terminated.tolist(), "truncated": truncated.tolist()}
        if "final_obs" in info:
            step["final"] = [bits(o) if o is not None else None for o in info["final_obs"]]
        if mode == gymnasium.vector.AutoresetMode.DISABLED and over.any():
            obs, _ = envs.reset(options={"reset_mask": over})
            step["reset"] = bits(obs.ravel())
        run["steps"].append(step)
    return run


def pairs(seed):
    space = gymnasium.make("Blackjack-v1").observation_space
    space.seed(seed)
    return {"seed": seed, "samples": [[int(v) for v in space.sample()] for _ in range(50)]}


def numbers(seed):
    rng = np.random.default_rng(seed)
    out = {"seed": seed, "random": rng.random(5).tolist(), "uniform": rng.uniform(-3, 5, 5).tolist(), "integers": []}
    for n in [1, 2, 3, 10, 1000, 2**31 + 1, 2**32 - 1, 2**32, 2**32 + 1, 2**62 + 12345, 7]:
        out["integers"].append([n] + rng.integers(n, size=40).tolist())
    out["after"] = rng.random(3).tolist()
    out["normal"] = bits(rng.standard_normal(20000))
    out["exponential"] = bits(rng.standard_exponential(20000))
    return out


runs = []
for seed in SEEDS:
    runs.append(play("CartPole-v1", seed))
    runs.append(play("CartPole-v1", seed, policy="balance", steps=1500))
    runs.append(play("CartPole-v0", seed, make="CartPole-v0", policy="balance"))
    runs.append(play("CartPole sutton_barto", seed, sutton_barto_reward=True))
    for size in "4x4", "8x8":
        for slippery in True, False:
            name = f"FrozenLake {size} {'slippery' if slippery else 'calm'}"
            runs.append(play(name, seed, make="FrozenLake-v1", map_name=size, is_slippery=slippery, render_mode="ansi"))
    runs.append(play("FrozenLake 4x4 calm", seed, make="FrozenLake-v1", policy="left", is_slippery=False))
    runs.append(play("FrozenLake-v1", seed, make="FrozenLake-v1"))
    runs.append(play("FrozenLake8x8-v1", seed, make="FrozenLake8x8-v1"))
    runs.append(play("FrozenLake custom", seed, make="FrozenLake-v1", desc=["SFHF", "FFFS", "HFFG"], success_rate=0.7,
                     reward_schedule=(10, -5, -0.25)))

for seed in range(10):
    for name in ("CartPole-v1", "FrozenLake-v1", "FrozenLake8x8-v1", "MountainCar-v0", "MountainCarContinuous-v0",
                 "Pendulum-v1", "Acrobot-v1", "Blackjack-v1"):
        runs.append(play(name, seed, make=name, steps=1000))
    for name in "CliffWalking-v1", "CliffWalkingSlippery-v1", "Taxi-v4":
        runs.append(play(name, seed, make=name, steps=1000, render_mode="ansi"))
for seed in SEEDS:
    for name in "MountainCar-v0", "MountainCarContinuous-v0":
        runs.append(play(name, seed, make=name, policy="swing"))
    runs.append(play("MountainCarContinuous-v0", seed, make="MountainCarContinuous-v0", policy="hard"))
    runs.append(play("Pendulum-v1", seed, make="Pendulum-v1", policy="hard"))
    runs.append(play("Acrobot-v1", seed, make="Acrobot-v1", policy="pump", steps=200))
    runs.append(play("Taxi rainy", seed, make="Taxi-v4", is_rainy=True, render_mode="ansi"))
    runs.append(play("Blackjack natural", seed, make="Blackjack-v1", natural=True, sab=False))
    for name in "CartPole-v1", "MountainCarContinuous-v0":
        for wrapper in "statistics", "observation", "reward", "clip reward", "stack":
            runs.append(play(f"{name}, {wrapper}", seed, make=name, wrapper=wrapper))
    runs.append(play("FrozenLake-v1, stack", seed, make="FrozenLake-v1", wrapper="stack"))
    runs.append(play("MountainCarContinuous-v0, clip action", seed, make="MountainCarContinuous-v0",
                     wrapper="clip action"))

inf = np.inf
rng = np.random.default_rng(1)
angles = np.concatenate([rng.uniform(-far, far, 10000) for far in (0.45, 4, 30)])
json.dump({
    "version": gymnasium.__version__,
    "runs": runs,
    "boxes": [box(s, *b) for s in SEEDS for b in [
        ([-1, -2], [1, 3]), ([-inf, 0, -inf, -4.8], [inf, inf, 2, 4.8]), ([-inf] * 3, [inf] * 3)]],
    "vectors": [vector(name, mode, s) for s in SEEDS[:2] for mode in gymnasium.vector.AutoresetMode
                for name in ("CartPole-v1", "FrozenLake-v1", "MountainCarContinuous-v0", "Pendulum-v1")],
    "tuples": [pairs(s) for s in SEEDS],
    "maps": [{"size": n, "frozen": p, "seed": s, "rows": generate_random_map(n, p, s)}
             for s in SEEDS for n, p in [(4, 0.8), (8, 0.6), (3, 1.0)]],
    "numbers": [numbers(s) for s in SEEDS],
    "angles": [[float(a), float(np.sin(a)), float(np.cos(a))] for a in angles],
}, sys.stdout)
