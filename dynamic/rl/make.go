package rl

import (
	"fmt"
	"sort"
	"strings"

	"github.com/tapir-go/tapir/eager"
)

// Spec is an environment that Make knows by its id.
type Spec struct {
	ID       string
	MaxSteps int        // an episode is truncated after this many steps; 0: never
	Solved   float64    // the mean reward of an episode from which the task counts as solved; 0: Gymnasium names none
	New      func() Env // a fresh environment without the limit of steps
}

var specs = []Spec{
	{"CartPole-v0", 200, 195, func() Env { return NewCartPole() }},
	{"CartPole-v1", 500, 475, func() Env { return NewCartPole() }},
	{"MountainCar-v0", 200, -110, func() Env { return NewMountainCar() }},
	{"MountainCarContinuous-v0", 999, 90, func() Env { return NewMountainCarContinuous() }},
	{"Pendulum-v1", 200, 0, func() Env { return NewPendulum() }},
	{"Acrobot-v1", 500, -100, func() Env { return NewAcrobot() }},
	{"CliffWalking-v1", 0, 0, func() Env { return NewCliffWalking(false) }},
	{"CliffWalkingSlippery-v1", 0, 0, func() Env { return NewCliffWalking(true) }},
	{"Taxi-v4", 200, 8, func() Env { return NewTaxi(false) }},
	{"Blackjack-v1", 0, 0, func() Env { return NewBlackjack() }},
	{"FrozenLake-v1", 100, 0.70, func() Env { return NewFrozenLake(Lake4x4(), true) }},
	{"FrozenLake8x8-v1", 200, 0.85, func() Env { return NewFrozenLake(Lake8x8(), true) }},
	{"Tapir/Lander-v0", 600, 100, func() Env { return NewLander() }},
	{"Tapir/Breakout-v0", 1000, 0, func() Env { return NewBreakout() }},
	{"Tapir/GridWorld-v0", 100, 0.7, func() Env { return NewGridWorld(RussellNorvig()) }},
	{"Tapir/Placement-v0", 0, 0, func() Env { return NewPlacement(TwelveOps()) }},
}

// Make is a fresh environment by its id in Gymnasium, with the limit of steps that it has there: Make("CartPole-v1"). Ids that
// begin with Tapir/ are of our own environments, which Gymnasium does not have.
// An unknown id is an error that names the known ones.
func Make(id string) Env {
	spec := SpecOf(id)
	if env := spec.New(); spec.MaxSteps == 0 {
		return env
	} else {
		return NewTimeLimit(env, spec.MaxSteps)
	}
}

// SpecOf tells what Make knows of an id: its limit of steps and when it counts as solved. An unknown id is an error.
func SpecOf(id string) Spec {
	for _, spec := range specs {
		if spec.ID == id {
			return spec
		}
	}
	known, best, near := IDs(), 3, "" // at most three letters away, of equals the newest version
	for _, k := range known {
		if d := distance(strings.ToLower(id), strings.ToLower(k)); d <= best {
			best, near = d, k
		}
	}
	hint := ""
	if near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	panic(&eager.Error{Op: "Make", Hint: hint,
		Text: fmt.Sprintf("no environment %q; there are %s", id, strings.Join(known, ", "))})
}

// IDs are the ids that Make knows, in order.
func IDs() []string {
	ids := make([]string, len(specs))
	for i, spec := range specs {
		ids[i] = spec.ID
	}
	sort.Strings(ids)
	return ids
}

// distance is how many letters must be put in, left out or changed to make b of a (Levenshtein 1965).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		corner := row[0]
		row[0] = i + 1
		for j := range b {
			change := corner
			if a[i] != b[j] {
				change++
			}
			corner = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
