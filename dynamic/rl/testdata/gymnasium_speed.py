"""Steps a second of Gymnasium's CartPole: one environment, 1,024 in a SyncVectorEnv, 1,024 in Gymnasium's own vector of arrays."""

import json
import time

import gymnasium
import numpy as np


def one(n=30_000):
    env = gymnasium.make("CartPole-v1")
    env.reset(seed=0)
    start = time.perf_counter()
    for i in range(n):
        _, _, terminated, truncated, _ = env.step(i % 2)
        if terminated or truncated:
            env.reset()
    return n / (time.perf_counter() - start)


def many(mode, steps):
    envs = gymnasium.make_vec("CartPole-v1", num_envs=1024, vectorization_mode=mode)
    envs.reset(seed=0)
    envs.action_space.seed(1)
    actions = envs.action_space.sample(), envs.action_space.sample()
    start = time.perf_counter()
    for i in range(steps):
        envs.step(actions[i % 2])
    return 1024 * steps / (time.perf_counter() - start)


print(json.dumps({"numpy": np.__version__, "one": one(), "sync": many("sync", 30), "native": many("vector_entry_point", 400)}))
