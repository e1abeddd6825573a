package rl_test

import (
	"fmt"

	"github.com/tapir-go/tapir/dynamic/rl"
	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
	"github.com/tapir-go/tapir/eager/optim"
)

// REINFORCE, Williams 1992: raise the log-probability of each action by how much better than usual it turned out.
func Example() {
	random := eager.NewRand(1)
	env := rl.Make("CartPole-v1")
	env.Reset(1)
	policy := nn.MLP(random, nn.Tanh, 4, 32, 2)
	opt := optim.NewAdam(policy.Params(), 0.03)
	opt.Schedule = optim.Linear{Start: 0.03, End: 0, Steps: 150}
	score := rl.NewScore(100)

	for update := 1; update <= 150; update++ {
		run := rl.Play(env, policy.Forward, 1000, random)                    // whole episodes
		logp := policy.Forward(run.States()).LogSoftmax(1).Pick(run.Actions) // (steps,1)
		opt.Minimize(logp.Mul(run.Advantages(0.99)).Mean().Neg())
		score.Add(run)
	}
	fmt.Println("mean of the last 100 episodes is at least 475:", score.Reached(475))
	// Output: mean of the last 100 episodes is at least 475: true
}

// PPO with the settings of rl-baselines3-zoo, and how good what it learned is in new episodes. In a notebook, Each draws
// the curve while it learns: func(p rl.Point) { curve.Add(p.Step, p.Reward, p.Recent) }.
func ExamplePPO() {
	ppo := rl.ZooPPO("CartPole-v1")
	ppo.Steps = 50_000
	ppo.EvalEvery = 25_000
	ppo.Each = func(p rl.Point) { fmt.Println(p.Reward > 400, "by step", p.Step) }
	learned := ppo.Train(rl.Maker("CartPole-v1"), 1)

	env := rl.Make("CartPole-v1")
	env.Reset(99)
	fmt.Println(rl.Evaluate(env, learned.Policy.Forward, 20).MeanReward())
	// Output:
	// true by step 25088
	// true by step 50176
	// 500
}

// Five seeds of Q-learning, and the median of their last evaluations.
func ExampleRepeat() {
	study := rl.Repeat(rl.NewQLearning(100_000), rl.Maker("FrozenLake-v1"), 5)
	medians := study.Quantile(0.5)
	fmt.Println(len(medians), "evaluations; the last is at least 0.65:", medians[len(medians)-1] >= 0.65)
	// Output: 20 evaluations; the last is at least 0.65: true
}

func ExampleMake() {
	env := rl.Make("CartPole-v1")
	fmt.Println(env.ObservationSpace(), env.ActionSpace())

	observation, _ := env.Reset(7) // the numbers of Gymnasium's env.reset(seed=7)
	fmt.Println(observation)
	observation, reward, terminated, truncated, _ := env.Step(rl.Action(1))
	fmt.Println(observation, reward, terminated, truncated)
	// Output:
	// Box([-4.8 -Inf -0.418879 -Inf], [4.8 +Inf 0.418879 +Inf], (4)) Discrete(2)
	// [0.012509546 0.03972138 0.02756857 -0.027479282]
	// [0.013303975 0.23443735 0.027018983 -0.31133813] 1 false false
}

func ExampleFrozenLake() {
	lake := rl.NewFrozenLake(rl.Lake4x4(), false)
	lake.Reset(1)
	at, _, _, _, _ := lake.Step(rl.Action(2))
	fmt.Printf("field %v\n%q\n", at, lake.Text())
	// Output:
	// field [1]
	// "  (Right)\nS\x1b[41mF\x1b[0mFF\nFHFH\nFFFH\nHFFG\n"
}

// Three carts at once. A step after the end of an episode only resets, under NextStep.
func ExampleMakeVector() {
	envs := rl.MakeVector("CartPole-v1", 3, rl.NextStep)
	envs.ActionSpace().Seed(1)
	step := envs.Reset(1)
	ends := 0
	for range 100 {
		step = envs.Step(envs.ActionSpace().Sample())
		for i := range envs.Envs {
			if step.Terminated[i] || step.Truncated[i] {
				ends++
			}
		}
	}
	fmt.Println(step.States().Shape(), envs.ActionSpace(), ends)
	// Output: (3,4) MultiDiscrete([2 2 2]) 10
}

func ExampleNewEpisodeStatistics() {
	env := rl.NewEpisodeStatistics(rl.NewFrameStack(rl.Make("CliffWalking-v1"), 2))
	env.Reset(1)
	env.Step(rl.Action(0)) // up
	for range 11 {
		env.Step(rl.Action(1)) // right
	}
	observation, _, _, _, info := env.Step(rl.Action(2)) // down
	fmt.Println(observation, info["episode_reward"], info["episode_length"])
	// Output: [35 47] -13 13
}
