// Package rl has environments equal to Gymnasium's, episodes played with a policy, and algorithms that learn one.
//
// An environment (Env) is made by its id, Make("CartPole-v1"), or is any struct with its four methods. Play plays whole
// episodes with a policy and gives a Run: states, actions and rewards as tensors and slices, the returns that followed.
// A Vector steps several environments together; wrappers (EpisodeStatistics, NormalizeObservation, NormalizeReward,
// ClipAction, ClipReward, FrameStack, TimeLimit) change one on its way.
// REINFORCE (Williams 1992) on top of it is a loop of ten lines; see the example of the package.
//
// An Algorithm is a struct of settings: NewQLearning, NewSARSA, NewREINFORCE, NewA2C, NewPPO give usual ones, ZooPPO and
// ZooA2C those of rl-baselines3-zoo. Its method Train learns from fresh environments and a seed, evaluates on the way,
// and gives a Training with the best policy. Repeat does so for several seeds and gives a Study: medians, bands, a table.
//
//	study := rl.Repeat(rl.ZooPPO("CartPole-v1"), rl.Maker("CartPole-v1"), 5)
//
// # Decisions
//
// 2026-11-23: An observation and an action are both a []float32, the value of a Space; a Discrete value is one whole
// number in it (rl.Action(1), int(observation[0])). One interface so serves discrete and continuous tasks, wrappers
// need no second form, and a struct in a cell can implement it, since it has no generics and no interface values in
// its signatures but Info. The float32 counts to 16,777,216 exactly, and NewDiscrete refuses more.
//
// 2026-11-23: An environment that was never seeded starts from seed 0, where Gymnasium asks the operating system for
// one. A notebook that forgot its seed is then still the same every time it runs.
//
// 2026-11-23: CartPole (2026-11-26: and all others) computes sine and cosine as glibc does (trig.go), not with math.Sincos. Long balanced episodes
// amplify a last bit by e every quarter of a second, so nothing less keeps 500 steps equal to Gymnasium's. Gymnasium
// itself differs in this way between operating systems; equality is promised to Linux on processors with fused
// multiply-add, and holds elsewhere for the first hundred steps of an episode or so.
//
// 2026-11-23: The tables of NumPy's ziggurat are not copied but computed; they agree to a bit or two of float64
// (Generator.Normal). Only a Box without bounds draws from them, and its samples are float32, where the difference is
// lost.
//
// 2026-11-26: The Box of a force is a bound to cut at and not a rule to fail by (MountainCarContinuous), as in Gymnasium:
// policies that draw from a normal distribution go beyond it. Numbers that Gymnasium keeps in float32 by NumPy 2's
// rules of promotion are float32 here too.
//
// 2026-11-26: Pendulum and Acrobot square by multiplication, Gymnasium by pow, whose glibc form errs by a last bit for one
// number in a thousand. Rewards of Pendulum so agree to 1e-9 and not to the bit; observations agree, but an Acrobot that
// whirls for minutes may part from Gymnasium's in a last bit after some hundred steps. Its tables are not worth this.
//
// 2026-11-26: Environments that are not Gymnasium's carry Tapir/ in their ids (Lander, Breakout, GridWorld, Placement), so that
// nobody takes their scores for those of a task of the same name. Their physics and rules stand in the doc comments.
//
// 2026-11-26: ZooDQN of MountainCar-v0 differs from the zoo in Double and in more evaluations. With the zoo's own settings two
// of five seeds stayed at -158 and -142 after 120,000 steps; with Double and evaluations every 1,000 steps all five are above -110.
//
// 2026-11-26: A Vector steps CartPole in place and on one core. Two goroutines were no faster for a step of 1,024,
// which takes 50 microseconds.
//
// 2026-11-26: Train takes a function that makes environments, not an environment: algorithms need several, and others to
// evaluate in. Those have seeds of their own, so no evaluation changes what is learned. The policy that is kept is the
// best of these evaluations, since in this field the last one may be far worse; what it is worth is measured in new
// episodes.
//
// 2026-11-26: Settings are exported fields of a struct that a constructor fills, as in package optim. A literal with zeros
// for what was not named would be other settings than the published ones.
//
// 2026-11-26: A policy gives one tensor for any action space: scores, or means and logarithms of standard deviations, one
// part after the other. It so stays a layer, which can be saved, drawn and exported; a Box's plain actions are told from
// means with deviations by their number.
//
// 2026-11-26: PPO and A2C take values and advantages of a rollout after it is complete, in one batch, where others ask the
// critic at each step. The numbers are the same and half of the small forward passes are saved. The rate of learning
// that falls reaches 0 after the last update, not before it (CleanRL). A2C's RMSprop has PyTorch's place for epsilon.
package rl
