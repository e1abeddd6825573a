package rl

import (
	"errors"
	"image/color"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/eager"
)

func TestLanderFallsAndTurnsByItsLaws(t *testing.T) {
	l := NewLander()
	l.Reset(1)
	l.x, l.y, l.vx, l.vy, l.angle, l.turn = 0, 24, 1, 0, 0, 0
	for range 40 { // 2 s: the speed is exact, Euler's height is half a tick of speed low
		l.Step(Action(0))
	}
	if math.Abs(l.vy+2*moonGravity) > 1e-9 || math.Abs(l.y-(24-moonGravity*2-moonGravity*2*landerTick/2)) > 1e-9 || math.Abs(l.x-2) > 1e-9 {
		t.Errorf("after 2 s of free fall: x %v, y %v, vy %v", l.x, l.y, l.vy)
	}
	l.vy, l.turn = 0, 0
	for range 40 {
		l.Step(Action(2))
	}
	if math.Abs(l.vy-2*(landerMain-moonGravity)) > 1e-9 || l.turn != 0 {
		t.Errorf("after 2 s of the main engine: vy %v, turn %v", l.vy, l.turn)
	}
	l.Step(Action(1))
	l.Step(Action(1))
	l.Step(Action(3))
	if math.Abs(l.turn+landerTwist*landerTick) > 1e-9 {
		t.Errorf("two jets on the left and one on the right turn it by %v a second, want %v", l.turn, -landerTwist*landerTick)
	}
	l.angle = math.Pi / 2 // on its left side: the main engine pushes to the left
	before := l.vx
	l.turn = 0
	if l.Step(Action(2)); math.Abs(l.vx-before+landerMain*landerTick) > 1e-9 {
		t.Errorf("leaning a quarter to the left, the main engine changes vx by %v", l.vx-before)
	}
}

// pilot lands: it leans against what it must lose, keeps its lean with the jets, and brakes by height.
func pilot(o []float32) int {
	x, y, vx, vy, angle, turn := 20*float64(o[0]), 20*float64(o[1]), 10*float64(o[2]), 10*float64(o[3]), float64(o[4]), float64(o[5])
	lean := min(max(0.05*x+0.25*vx, -0.3), 0.3)
	if y < 1.5 {
		lean = min(max(0.2*vx, -0.2), 0.2)
	}
	off := (lean - angle) - 1.5*turn
	switch {
	case vy < -0.4-0.09*y:
		return 2
	case off > 0.08:
		return 3
	case off < -0.08:
		return 1
	}
	return 0
}

func TestLanderCanBeLandedAndFallsToPiecesAlone(t *testing.T) {
	env := Make("Tapir/Lander-v0")
	craft := Inside(env).(*Lander)
	for seed := range 50 {
		o, _ := env.Reset(seed)
		sum := 0.0
		for over := false; !over; {
			var reward float64
			var terminated, truncated bool
			o, reward, terminated, truncated, _ = env.Step(Action(pilot(o)))
			sum += reward
			over = terminated || truncated
		}
		if !craft.landed || math.Abs(craft.x) > padHalf || sum < 100 {
			t.Errorf("seed %d: landed %v at x %.1f (%.2f and %.2f m/s, leaning %.2f) with %.1f in all", seed, craft.landed, craft.x, craft.vx, craft.vy, craft.angle, sum)
		}
		env.Reset(seed)
		sum = 0
		for terminated := false; !terminated; {
			var reward float64
			_, reward, terminated, _, _ = env.Step(Action(0))
			sum += reward
		}
		if craft.landed || sum > -50 {
			t.Errorf("seed %d: without an engine it landed %v with %.1f in all", seed, craft.landed, sum)
		}
	}
}

func TestBreakoutByHand(t *testing.T) {
	b := NewBreakout()
	b.Reset(0)
	b.ball, b.trail, b.down, b.right, b.paddle = [2]int{3, 0}, [2]int{3, 0}, 1, 1, 4
	steps := func(n int, action float32) (sum float64, over bool) {
		for range n {
			var reward float64
			_, reward, over, _, _ = b.Step([]float32{action})
			sum += reward
		}
		return sum, over
	}
	if sum, over := steps(2, 0); sum != 0 || over || b.ball != [2]int{5, 2} {
		t.Fatalf("after 2 steps the ball is at %v", b.ball)
	}
	if steps(3, 0); b.ball != [2]int{8, 5} {
		t.Fatalf("after 5 steps the ball is at %v", b.ball)
	}
	// From (8,5) it would go to (9,6): the paddle moves to column 5, straight below, and sends it on to the right.
	if _, over := steps(1, 2); over || b.down != -1 || b.right != 1 || b.ball != [2]int{8, 6} {
		t.Fatalf("a paddle straight below: ball %v, down %d, right %d", b.ball, b.down, b.right)
	}
	sum, _ := steps(3, 0) // (7,7) (6,8) (5,9)
	if more, _ := steps(1, 0); sum != 0 || more != 0 || b.ball != [2]int{4, 9} || b.right != -1 {
		t.Fatalf("at the side wall: ball %v, right %d", b.ball, b.right)
	}
	if got, _ := steps(1, 0); got != 1 || b.bricks[3][8] || b.down != 1 || b.ball != [2]int{4, 8} {
		t.Fatalf("a brick pays %v; ball %v, down %d", got, b.ball, b.down)
	}
	want := "..........\n##########\n##########\n########.#\n........o.\n..........\n..........\n..........\n..........\n.....=....\n"
	if got := b.Text(); got != want {
		t.Errorf("text\n%swant\n%s", got, want)
	}
	o := b.observe()
	if o[95] != 1 || o[148] != 1 || o[249] != 1 || o[300+38] != 0 || o[300+39] != 1 {
		t.Errorf("the planes do not show paddle, ball, trail and bricks")
	}
	// The paddle's edge sends it back; a paddle elsewhere loses.
	b.ball, b.down, b.right, b.paddle = [2]int{8, 2}, 1, 1, 3
	if _, over := steps(1, 0); over || b.down != -1 || b.right != -1 {
		t.Errorf("at the paddle's edge: over %v, down %d, right %d", over, b.down, b.right)
	}
	b.bricks = [10][10]bool{}
	b.ball, b.down, b.right, b.paddle = [2]int{8, 2}, 1, 1, 7
	if _, over := steps(1, 0); !over || !b.bricks[1][0] || !b.bricks[3][9] || b.bricks[4][0] {
		t.Errorf("past the paddle, all bricks gone: over %v, bricks\n%s", over, b.Text())
	}
	if sum, over := steps(3, 0); sum != 0 || !over {
		t.Errorf("after the end: %v, over %v", sum, over)
	}
}

// A paddle that stays below the ball never loses, and takes the wall down more than once.
func TestBreakoutCanBePlayedForEver(t *testing.T) {
	env := NewTimeLimit(NewBreakout(), 2000)
	env.Reset(1)
	b := Inside(env).(*Breakout)
	sum := 0.0
	for truncated := false; !truncated; {
		action := 0
		if b.ball[1] < b.paddle {
			action = 1
		} else if b.ball[1] > b.paddle {
			action = 2
		}
		_, reward, terminated, cut, _ := env.Step(Action(action))
		sum += reward
		if truncated = cut; terminated {
			t.Fatalf("lost with %v", sum)
		}
	}
	if sum < 30 {
		t.Errorf("%v bricks in 2000 steps, want the 30 of the first wall at least", sum)
	}
}

func TestGridWorldHasRussellAndNorvigsValues(t *testing.T) {
	g := NewGridWorld(RussellNorvig())
	// Value iteration with the rules of the environment; the values of figure 17.3, rounded there to three digits.
	values := map[[2]int]float64{}
	for range 200 {
		for r, row := range g.Map {
			for c, letter := range row {
				if letter == '#' || letter == 'G' || letter == 'P' {
					continue
				}
				best := math.Inf(-1)
				for way := range 4 {
					sum := 0.0
					for turn, chance := range map[int]float64{0: 0.8, 1: 0.1, 3: 0.1} {
						nr, nc := g.move(r, c, (way+turn)%4)
						switch g.Map[nr][nc] {
						case 'G':
							sum += chance * (g.Living + g.Goal)
						case 'P':
							sum += chance * (g.Living + g.Pit)
						default:
							sum += chance * (g.Living + values[[2]int{nr, nc}])
						}
					}
					best = max(best, sum)
				}
				values[[2]int{r, c}] = best
			}
		}
	}
	// The book pays the goal itself +1 and every state left -0.04, which is the same.
	for at, want := range map[[2]int]float64{{2, 0}: 0.705, {1, 0}: 0.762, {0, 0}: 0.812, {0, 2}: 0.918, {1, 2}: 0.660, {2, 3}: 0.388} {
		if got := values[at]; math.Abs(got-want) > 0.0006 {
			t.Errorf("the value of %v is %.4f, in the book %v", at, got, want)
		}
	}
	slips := map[int]int{}
	g.Reset(3)
	for range 10_000 {
		g.row, g.column, g.over = 2, 2, false
		o, reward, _, _, _ := g.Step(Action(0)) // up to 6; slips right to 11 or left to 9
		slips[int(o[0])]++
		if reward != -0.04 {
			t.Fatalf("a step pays %v", reward)
		}
	}
	if len(slips) != 3 || math.Abs(float64(slips[6])-8000) > 160 || math.Abs(float64(slips[11])-1000) > 120 || math.Abs(float64(slips[9])-1000) > 120 {
		t.Errorf("from (2,2) up: %v, want 6 in 8 of 10 and 9 and 11 in 1 of 10 each", slips)
	}
	g.row, g.column, g.over = 0, 2, false
	if g.Slip = 0; g.Text() != "..WG\n.#.P\nS...\n" {
		t.Errorf("text %q", g.Text())
	}
	if _, reward, over, _, _ := g.Step(Action(1)); reward != 0.96 || !over {
		t.Errorf("the goal pays %v, over %v", reward, over)
	}
}

func TestPlacementKnowsItsTimes(t *testing.T) {
	p := NewPlacement([]PlacedOp{{"a", [2]float64{1, 5}, nil}, {"b", [2]float64{4, 1}, []int{0}}, {"c", [2]float64{3, 9}, []int{0}}, {"d", [2]float64{1, 1}, []int{1, 2}}})
	for _, c := range []struct {
		devices []int
		want    float64
	}{{[]int{0, 0, 0, 0}, 9}, {[]int{0, 1, 0, 0}, 5}, {[]int{0, 1, 0, 1}, 6}, {[]int{1, 1, 1, 1}, 16}} {
		if got := p.Makespan(c.devices); got != c.want {
			t.Errorf("%v takes %v ms, want %v", c.devices, got, c.want)
		}
	}
	if best, time := p.Best(); !slices.Equal(best, []int{0, 1, 0, 0}) || time != 5 {
		t.Errorf("the best is %v in %v ms", best, time)
	}
	twelve := NewPlacement(TwelveOps())
	_, best := twelve.Best()
	_, greedy := twelve.Greedy()
	one, other := twelve.Makespan(make([]int, 12)), twelve.Makespan(slices.Repeat([]int{1}, 12))
	if !(best < greedy && greedy < min(one, other)) {
		t.Errorf("best %v ms, greedy %v, one device %v, the other %v: want them in this order", best, greedy, one, other)
	}
	twelve.Reset(0)
	sum := 0.0
	for i := range 12 {
		o, reward, over, _, _ := twelve.Step(Action(i % 2))
		sum += reward
		if over != (i == 11) || o[12+i] != float32(2*(i%2)-1) {
			t.Fatalf("step %d: over %v, observation %v", i, over, o)
		}
	}
	if want := twelve.Makespan([]int{0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1}); sum != -want {
		t.Errorf("the rewards are %v in all, want %v", sum, -want)
	}
	if text := twelve.Text(); !strings.HasPrefix(text, "read       device 0    0.0 to   1.0 ms\n") || strings.Count(text, "\n") != 12 {
		t.Errorf("text\n%s", text)
	}
}

func TestOwnThingsAreDrawnWhereTheyAre(t *testing.T) {
	is := func(what string, env Renderer, x, y int, want color.RGBA) {
		t.Helper()
		if got := color.RGBAModel.Convert(env.Render().At(x, y)); got != want {
			t.Errorf("%s: the pixel (%d,%d) is %v, want %v", what, x, y, got, want)
		}
	}
	l := NewLander()
	l.x, l.y, l.fired = 5, 10, 2
	is("craft", l, 250, 200, axleBlue)
	is("flame", l, 250, 212, flagYellow)
	is("pad", l, 200, 302, goalGreen)
	b := NewBreakout()
	b.Reset(0)
	b.ball, b.trail = [2]int{5, 6}, [2]int{5, 6}
	is("brick", b, 12, 36, axleBlue)
	is("ball", b, 6*24+12, 5*24+12, flagYellow)
	is("paddle", b, 4*24+12, 9*24+16, goalGreen)
	g := NewGridWorld(RussellNorvig())
	g.Reset(0)
	is("walker", g, 32, 2*64+32, walkerRed)
	is("wall", g, 64+32, 64+32, black)
	is("pit", g, 3*64+32, 64+32, holeBlue)
	p := NewPlacement(TwelveOps())
	p.Reset(0)
	p.Step(Action(0))
	p.Step(Action(1)) // from 2 ms, for 2
	is("op on device 0", p, 6, 30, axleBlue)
	is("op on device 1", p, 36, 90, rodTeal)
	is("where nothing runs", p, 36, 30, white)
}

func TestMisuseOfOwnEnvironmentsIsNamed(t *testing.T) {
	for want, f := range map[string]func(){
		"Lander.Step: no episode has begun":        func() { NewLander().Step(Action(0)) },
		"Breakout.Step: no episode has begun":      func() { NewBreakout().Step(Action(0)) },
		"Placement.Step: no episode has begun":     func() { NewPlacement(TwelveOps()).Step(Action(0)) },
		"GridWorld.Step: no episode has begun":     func() { NewGridWorld(RussellNorvig()).Step(Action(0)) },
		"NewGridWorld: the map has no start":       func() { NewGridWorld([]string{"..G"}) },
		"NewGridWorld: row 1 has 1 fields":         func() { NewGridWorld([]string{"S.", "G"}) },
		"NewGridWorld: row 0 has 'x'":              func() { NewGridWorld([]string{"Sx"}) },
		"NewGridWorld: the map has no fields":      func() { NewGridWorld(nil) },
		"NewPlacement: there are no ops":           func() { NewPlacement(nil) },
		"op 0, a, takes a result of op 0":          func() { NewPlacement([]PlacedOp{{"a", [2]float64{1, 1}, []int{0}}}) },
		"op 0, a, takes [-1 1] ms":                 func() { NewPlacement([]PlacedOp{{"a", [2]float64{-1, 1}, nil}}) },
		"Placement.Makespan: 1 devices for 12 ops": func() { NewPlacement(TwelveOps()).Makespan([]int{0}) },
		"Placement.Makespan: op 0 is on device 2":  func() { NewPlacement(TwelveOps()[:1]).Makespan([]int{2}) },
		"Placement.Best: 24 ops have too many":     func() { NewPlacement(append(TwelveOps(), TwelveOps()...)).Best() },
	} {
		var fault *eager.Error
		if err := eager.Try(f); !errors.As(err, &fault) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant %q in it", err, want)
		}
	}
}
