package notebooks_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/kernel/notebook"
)

// scores are the results that a notebook promises its readers: every number
// that a pattern finds in the notebook's text is at least the bound, and there
// are as many as said.
var scores = map[string][]struct {
	pattern string
	count   int
	atLeast float64
}{
	"02-digits.ipynb": {
		{`the plain network names ([\d.]+) %`, 1, 97.5},
		{`the convolutional network names ([\d.]+) %`, 1, 98.5},
	},
	"03-reinforce.ipynb": {{`seed \d: mean of the last 100 episodes ([\d.]+)`, 3, 475}},
	"04-gan.ipynb": {
		{`WGAN-GP: (\d+) of 8 modes`, 1, 8},
		{`WGAN-GP: .*, ([\d.]+) % of 2500 samples within three sigmas`, 1, 75},
	},
	"05-export.ipynb": {{`([\d.]+) % of the test digits right`, 1, 97}},
	"06-ppo.ipynb": {
		{`FrozenLake: ([\d.]+)`, 1, 0.70},
		{`Taxi: ([\d.]+)`, 1, 7.5},
		{`PPO on CartPole: ([\d.]+)`, 1, 500},
		{`PPO on Pendulum: (-[\d.]+)`, 1, -250},
	},
}

// checkScores holds an executed notebook to its scores.
func checkScores(t *testing.T, name string, n *notebook.Notebook) {
	t.Helper()
	var text strings.Builder
	for _, c := range n.Cells {
		for _, o := range c.PlainOutputs() {
			text.WriteString(o + "\n")
		}
	}
	for _, s := range scores[name] {
		found := regexp.MustCompile(s.pattern).FindAllStringSubmatch(text.String(), -1)
		if len(found) != s.count {
			t.Errorf("%s: %q is found %d times, want %d", name, s.pattern, len(found), s.count)
		}
		for _, f := range found {
			v, err := strconv.ParseFloat(f[1], 64)
			if err != nil || v < s.atLeast {
				t.Errorf("%s: %q, want at least %v", name, f[0], s.atLeast)
			}
		}
	}
}
