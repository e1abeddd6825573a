package rl

import "testing"

func TestDQNLearnsCartPole(t *testing.T) {
	dqn := ZooDQN("CartPole-v1")
	learns(t, dqn, "CartPole-v1", 100, 500)
}
