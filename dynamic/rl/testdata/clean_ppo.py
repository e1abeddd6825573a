"""CleanRL's ppo.py (Huang et al. 2022) on Gymnasium and PyTorch: the peer of PPO's speed. It prints JSON.

The algorithm, its order and its settings are those of CleanRL; TensorBoard, video and the command line are left out, which
cost time there. Arguments: environment id, steps, seed, and "clean" or "zoo" for the settings.
"""

import json
import sys
import time

import gymnasium as gym
import numpy as np
import torch
from torch import nn
from torch.distributions.categorical import Categorical

name, total, seed, settings = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
S = {
    "clean": dict(envs=4, length=128, minibatches=4, epochs=4, gamma=0.99, lam=0.95, rate=2.5e-4, clip=0.2, falling_clip=False,
                  entropy=0.01, value=0.5 * 0.5, clip_value=True),
    "zoo": dict(envs=8, length=32, minibatches=1, epochs=20, gamma=0.98, lam=0.8, rate=1e-3, clip=0.2, falling_clip=True,
                entropy=0.0, value=0.5, clip_value=False),
}[settings]
np.random.seed(seed)
torch.manual_seed(seed)


def layer(n, m, gain=np.sqrt(2)):
    linear = nn.Linear(n, m)
    nn.init.orthogonal_(linear.weight, gain)
    nn.init.constant_(linear.bias, 0.0)
    return linear


class Agent(nn.Module):
    def __init__(self, size, actions):
        super().__init__()
        self.critic = nn.Sequential(layer(size, 64), nn.Tanh(), layer(64, 64), nn.Tanh(), layer(64, 1, 1.0))
        self.actor = nn.Sequential(layer(size, 64), nn.Tanh(), layer(64, 64), nn.Tanh(), layer(64, actions, 0.01))

    def judge(self, x, action=None):
        probs = Categorical(logits=self.actor(x))
        if action is None:
            action = probs.sample()
        return action, probs.log_prob(action), probs.entropy(), self.critic(x)


n, length = S["envs"], S["length"]
envs = gym.vector.SyncVectorEnv([lambda: gym.wrappers.RecordEpisodeStatistics(gym.make(name)) for _ in range(n)])
size = int(np.prod(envs.single_observation_space.shape))
agent = Agent(size, envs.single_action_space.n)
optimizer = torch.optim.Adam(agent.parameters(), lr=S["rate"], eps=1e-5)
obs, actions, logps, rewards, dones, values = (torch.zeros((length, n) + shape) for shape in [(size,), (), (), (), (), ()])
state, _ = envs.reset(seed=seed)
state, done = torch.Tensor(state), torch.zeros(n)
batch = n * length
updates = total // batch
sums = []
start = time.perf_counter()
for update in range(updates):
    left = 1.0 - update / updates
    optimizer.param_groups[0]["lr"] = left * S["rate"]
    clip = S["clip"] * left if S["falling_clip"] else S["clip"]
    for t in range(length):
        obs[t], dones[t] = state, done
        with torch.no_grad():
            action, logp, _, value = agent.judge(state)
            values[t] = value.flatten()
        actions[t], logps[t] = action, logp
        state, reward, terminated, truncated, info = envs.step(action.numpy())
        rewards[t] = torch.tensor(reward).view(-1)
        state, done = torch.Tensor(state), torch.Tensor(np.logical_or(terminated, truncated))
        if "episode" in info:
            sums += [float(r) for r, over in zip(info["episode"]["r"], info["_episode"]) if over]
    with torch.no_grad():
        following = agent.critic(state).reshape(1, -1)
        advantages, last = torch.zeros_like(rewards), 0
        for t in reversed(range(length)):
            going = 1.0 - (done if t == length - 1 else dones[t + 1])
            after = following if t == length - 1 else values[t + 1]
            delta = rewards[t] + S["gamma"] * after * going - values[t]
            advantages[t] = last = delta + S["gamma"] * S["lam"] * going * last
        returns = advantages + values
    b_obs, b_logps, b_actions = obs.reshape(-1, size), logps.reshape(-1), actions.reshape(-1)
    b_advantages, b_returns, b_values = advantages.reshape(-1), returns.reshape(-1), values.reshape(-1)
    order, mini = np.arange(batch), batch // S["minibatches"]
    for _ in range(S["epochs"]):
        np.random.shuffle(order)
        for at in range(0, batch, mini):
            i = order[at:at + mini]
            _, logp, entropy, value = agent.judge(b_obs[i], b_actions.long()[i])
            ratio = (logp - b_logps[i]).exp()
            a = b_advantages[i]
            a = (a - a.mean()) / (a.std() + 1e-8)
            gain = torch.max(-a * ratio, -a * torch.clamp(ratio, 1 - clip, 1 + clip)).mean()
            value = value.view(-1)
            wrong = (value - b_returns[i]) ** 2
            if S["clip_value"]:
                near = b_values[i] + torch.clamp(value - b_values[i], -clip, clip)
                wrong = torch.max(wrong, (near - b_returns[i]) ** 2)
            loss = gain - S["entropy"] * entropy.mean() + S["value"] * wrong.mean()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(agent.parameters(), 0.5)
            optimizer.step()
seconds = time.perf_counter() - start
steps = updates * batch
json.dump({"steps": steps, "seconds": seconds, "rate": steps / seconds, "recent": float(np.mean(sums[-100:])),
           "torch": torch.__version__, "threads": torch.get_num_threads()}, sys.stdout)
print()
