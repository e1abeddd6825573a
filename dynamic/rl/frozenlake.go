package rl

import (
	"fmt"
	"strings"

	"github.com/tapir-go/tapir/eager"
)

// FrozenLake is Gymnasium's FrozenLake-v1 without its limit of steps (Make puts that on): walk over the ice from the
// start to the goal and do not fall into a hole. The ice is slippery: a step may go to the side of where it was meant.
//
//	observation  the number of the field, row · columns + column, counted from 0 at the upper left
//	action       0 left, 1 down, 2 right, 3 up; a step off the lake stays where it is
//	reward       1 on reaching the goal, else 0
//	start        a field S
//	end          terminated in a hole H or at the goal G
//
// Make("FrozenLake-v1") is the lake of 4x4, limited to 100 steps and solved at a mean reward of 0.70 (the best there
// is: 0.74); Make("FrozenLake8x8-v1") that of 8x8, 200 steps, 0.85 (0.91). Info has "prob", the chance of what
// happened.
type FrozenLake struct {
	options  LakeOptions
	columns  int
	starts   []float64  // the chance of each field to be the start
	outcomes [][]result // of a step, by field·4 + action

	random      *Generator
	field       int
	last        int // the last action, -1 after Reset
	begun       bool
	observation *Discrete
	action      *Discrete
}

// LakeOptions says what a FrozenLake is like. The zero value of each field but Map is Gymnasium's setting.
type LakeOptions struct {
	// Map is the lake's rows of letters: S start, F frozen, H hole, G goal. All rows are of one length.
	Map []string
	// Calm turns the slippery ice off: every step goes where it was meant.
	Calm bool
	// Success is the chance that a step on slippery ice goes where it was meant; each side gets half of the rest.
	// 0 stands for 1/3.
	Success float64
	// GoalReward, HoleReward and IceReward are paid on reaching such a field; all 0 stands for 1, 0, 0.
	GoalReward, HoleReward, IceReward float64
}

// result is one way a step may end.
type result struct {
	chance, reward float64
	field          int
	terminated     bool
}

// Lake4x4 is the map of Gymnasium's FrozenLake-v1.
func Lake4x4() []string { return []string{"SFFF", "FHFH", "FFFH", "HFFG"} }

// Lake8x8 is the map of Gymnasium's FrozenLake8x8-v1.
func Lake8x8() []string {
	return []string{"SFFFFFFF", "FFFFFFFF", "FFFHFFFF", "FFFFFHFF", "FFFHFFFF", "FHHFFFHF", "FHFFHFHF", "FFFHFFFG"}
}

// RandomLake is a map of size x size fields, each frozen with the chance frozen, on which the goal can be reached:
// Gymnasium's generate_random_map(size, frozen, seed). A size below 2 or a chance outside of (0, 1] is an error.
func RandomLake(size int, frozen float64, seed int) []string {
	if size < 2 || !(frozen > 0 && frozen <= 1) {
		panic(&eager.Error{Op: "RandomLake", Text: fmt.Sprintf("size %d, frozen %v: wants a size of 2 or more and a chance in (0, 1]", size, frozen)})
	}
	random := NewGenerator(seed)
	for {
		rows := make([][]byte, size)
		for r := range rows {
			rows[r] = make([]byte, size)
			for c := range rows[r] {
				rows[r][c] = 'F'
				if random.Float64() >= frozen {
					rows[r][c] = 'H'
				}
			}
		}
		rows[0][0], rows[size-1][size-1] = 'S', 'G'
		if crossable(rows) {
			out := make([]string, size)
			for r := range rows {
				out[r] = string(rows[r])
			}
			return out
		}
	}
}

// crossable tells whether a way leads from the upper left to a goal.
func crossable(rows [][]byte) bool {
	seen := map[[2]int]bool{}
	var reach func(r, c int) bool
	reach = func(r, c int) bool {
		if r < 0 || c < 0 || r >= len(rows) || c >= len(rows[r]) || rows[r][c] == 'H' || seen[[2]int{r, c}] {
			return false
		}
		seen[[2]int{r, c}] = true
		return rows[r][c] == 'G' || reach(r+1, c) || reach(r, c+1) || reach(r-1, c) || reach(r, c-1)
	}
	return reach(0, 0)
}

// NewFrozenLake is a lake of these rows, slippery or not: NewFrozenLake(rl.Lake4x4(), true). The errors are those of
// NewFrozenLakeWith.
func NewFrozenLake(rows []string, slippery bool) *FrozenLake {
	return NewFrozenLakeWith(LakeOptions{Map: rows, Calm: !slippery})
}

// NewFrozenLakeWith is a lake as the options say. A map without a start, with other letters than S, F, H and G or
// with rows of differing lengths, and a Success outside of 0..1, are errors.
func NewFrozenLakeWith(o LakeOptions) *FrozenLake {
	if o.Success == 0 {
		o.Success = 1.0 / 3.0
	}
	if o.GoalReward == 0 && o.HoleReward == 0 && o.IceReward == 0 {
		o.GoalReward = 1
	}
	checkLake(o)
	l := &FrozenLake{options: o, columns: len(o.Map[0]), last: -1}
	letters := strings.Join(o.Map, "")
	l.observation, l.action = NewDiscrete(len(letters)), NewDiscrete(4)
	starts := float64(strings.Count(letters, "S"))
	l.starts = make([]float64, len(letters))
	for field, letter := range letters {
		if letter == 'S' {
			l.starts[field] = 1 / starts
		}
		for action := range 4 {
			l.outcomes = append(l.outcomes, l.results(letters, field, action))
		}
	}
	return l
}

func checkLake(o LakeOptions) {
	fail := func(format string, values ...any) {
		panic(&eager.Error{Op: "NewFrozenLake", Text: fmt.Sprintf(format, values...),
			Hint: "a map is rows of letters: S start, F frozen, H hole, G goal"})
	}
	if len(o.Map) == 0 || len(o.Map[0]) == 0 {
		fail("the map is empty")
	}
	for r, row := range o.Map {
		if len(row) != len(o.Map[0]) {
			fail("row %d has %d fields, row 0 has %d", r, len(row), len(o.Map[0]))
		}
		if c := strings.IndexFunc(row, func(letter rune) bool { return !strings.ContainsRune("SFHG", letter) }); c >= 0 {
			fail("row %d, column %d: unknown letter %q", r, c, row[c:c+1])
		}
	}
	if !strings.Contains(strings.Join(o.Map, ""), "S") {
		fail("the map has no start S")
	}
	if !(o.Success >= 0 && o.Success <= 1) {
		fail("Success %v is not a chance", o.Success)
	}
}

// results are the ways in which an action on a field may end.
func (l *FrozenLake) results(letters string, field, action int) []result {
	if letters[field] == 'G' || letters[field] == 'H' {
		return []result{{1, 0, field, true}}
	}
	arrive := func(direction int, chance float64) result {
		to := l.neighbour(field, direction)
		out := result{chance: chance, field: to, reward: l.options.IceReward}
		switch letters[to] {
		case 'G':
			out.reward, out.terminated = l.options.GoalReward, true
		case 'H':
			out.reward, out.terminated = l.options.HoleReward, true
		}
		return out
	}
	if l.options.Calm {
		return []result{arrive(action, 1)}
	}
	aside := (1 - l.options.Success) / 2
	return []result{arrive((action+3)%4, aside), arrive(action, l.options.Success), arrive((action+1)%4, aside)}
}

// neighbour is the field next to one in a direction, or itself at the edge.
func (l *FrozenLake) neighbour(field, direction int) int {
	row, column := field/l.columns, field%l.columns
	switch direction {
	case 0:
		column = max(column-1, 0)
	case 1:
		row = min(row+1, len(l.options.Map)-1)
	case 2:
		column = min(column+1, l.columns-1)
	case 3:
		row = max(row-1, 0)
	}
	return row*l.columns + column
}

// Reset goes to a start.
func (l *FrozenLake) Reset(seed int) ([]float32, Info) {
	l.random = reseed(l.random, seed)
	l.field, l.last, l.begun = l.random.Choose(l.starts), -1, true
	return []float32{float32(l.field)}, Info{"prob": 1.0}
}

// Step walks, or slips. An action other than 0 to 3, or a Step before the first Reset, is an error.
func (l *FrozenLake) Step(action []float32) ([]float32, float64, bool, bool, Info) {
	checkStep("FrozenLake.Step", l.begun, l.action, action)
	l.last = int(action[0])
	ways := l.outcomes[l.field*4+l.last]
	var chances [3]float64
	for i, way := range ways {
		chances[i] = way.chance
	}
	way := ways[l.random.Choose(chances[:len(ways)])]
	l.field = way.field
	return []float32{float32(l.field)}, way.reward, way.terminated, false, Info{"prob": way.chance}
}

// ObservationSpace is Discrete(fields).
func (l *FrozenLake) ObservationSpace() Space { return l.observation }

// ActionSpace is Discrete(4).
func (l *FrozenLake) ActionSpace() Space { return l.action }

// Text is the lake with the field of the walker in red (for a terminal: ANSI), under the last action: what Gymnasium
// renders as "ansi".
func (l *FrozenLake) Text() string {
	var b strings.Builder
	if l.last >= 0 {
		fmt.Fprintf(&b, "  (%s)", [...]string{"Left", "Down", "Right", "Up"}[l.last])
	}
	b.WriteByte('\n')
	for r, row := range l.options.Map {
		if c := l.field - r*l.columns; c >= 0 && c < l.columns {
			row = row[:c] + "\x1b[41m" + row[c:c+1] + "\x1b[0m" + row[c+1:]
		}
		b.WriteString(row + "\n")
	}
	return b.String()
}
