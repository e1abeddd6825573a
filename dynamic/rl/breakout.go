package rl

import (
	"image"
	"strings"
)

// Breakout is an own environment after the Breakout of MinAtar (Young and Tian 2019), on 10x10 fields and with its rules
// as they are written here; it is no Atari game, and scores do not compare. A ball flies diagonally, bricks that it hits
// vanish, and a paddle at the bottom must send it back.
//
//	observation  4x10x10 of 0 and 1: where the paddle is, the ball, the ball a step before, the bricks
//	action       0 stay, 1 move the paddle to the left, 2 to the right, before the ball moves
//	reward       1 for a brick
//	start        the ball on the left or the right of row 3, on its way down; three rows of bricks
//	end          terminated when the ball passes the paddle; when all bricks are gone, three new rows come with the next
//	             ball that reaches the bottom
type Breakout struct {
	random         *Generator
	begun, over    bool
	ball, trail    [2]int // row and column
	down, right    int    // 1 or -1
	paddle         int    // its column, in the last row
	bricks         [10][10]bool
	struck         bool // a brick in the step before, so that the next one only turns the ball
	observed, acts Space
}

const breakoutSide = 10

// NewBreakout is the environment. Make("Tapir/Breakout-v0") puts a limit of 1,000 steps on it.
func NewBreakout() *Breakout {
	n := 4 * breakoutSide * breakoutSide
	high := make([]float32, n)
	for i := range high {
		high[i] = 1
	}
	return &Breakout{observed: NewBox(make([]float32, n), high, 4, breakoutSide, breakoutSide), acts: NewDiscrete(3)}
}

// Reset draws on which side the ball comes in.
func (b *Breakout) Reset(seed int) ([]float32, Info) {
	b.random = reseed(b.random, seed)
	b.ball, b.down, b.right = [2]int{3, 0}, 1, 1
	if b.random.Intn(2) == 1 {
		b.ball[1], b.right = breakoutSide-1, -1
	}
	b.trail, b.paddle, b.struck = b.ball, 4, false
	b.begun, b.over = true, false
	b.bricks = [10][10]bool{}
	b.wall()
	return b.observe(), nil
}

// wall puts three rows of bricks up.
func (b *Breakout) wall() {
	for row := 1; row <= 3; row++ {
		for column := range b.bricks[row] {
			b.bricks[row][column] = true
		}
	}
}

// Step moves the paddle and then the ball. An action other than 0 to 2, or a Step before the first Reset, is an error.
// After the end nothing moves and nothing is paid.
func (b *Breakout) Step(action []float32) ([]float32, float64, bool, bool, Info) {
	checkStep("Breakout.Step", b.begun, b.acts, action)
	if b.over {
		return b.observe(), 0, true, false, nil
	}
	switch action[0] {
	case 1:
		b.paddle = max(0, b.paddle-1)
	case 2:
		b.paddle = min(breakoutSide-1, b.paddle+1)
	}
	reward, struck := 0.0, false
	b.trail = b.ball
	row, column := b.ball[0]+b.down, b.ball[1]+b.right
	if column < 0 || column >= breakoutSide { // a side wall
		column = min(max(column, 0), breakoutSide-1)
		b.right = -b.right
	}
	switch {
	case row < 0: // the top
		row, b.down = 0, 1
	case b.bricks[row][column]:
		struck = true
		if !b.struck {
			reward = 1
			b.bricks[row][column] = false
		}
		row, b.down = b.ball[0], -b.down
	case row == breakoutSide-1:
		if b.bricks == [10][10]bool{} {
			b.wall()
		}
		switch b.paddle {
		case b.ball[1]: // from straight above
			row, b.down = b.ball[0], -1
		case column: // with its edge: back where it came from
			row, b.down, b.right = b.ball[0], -1, -b.right
		default:
			b.over = true
		}
	}
	b.struck = struck
	b.ball = [2]int{row, column}
	return b.observe(), reward, b.over, false, nil
}

func (b *Breakout) observe() []float32 {
	const n = breakoutSide * breakoutSide
	out := make([]float32, 4*n)
	at := func(row, column int) int { return row*breakoutSide + column }
	out[at(breakoutSide-1, b.paddle)] = 1
	out[n+at(b.ball[0], b.ball[1])] = 1
	out[2*n+at(b.trail[0], b.trail[1])] = 1
	for row := range b.bricks {
		for column, brick := range b.bricks[row] {
			if brick {
				out[3*n+at(row, column)] = 1
			}
		}
	}
	return out
}

// ObservationSpace is a Box (4,10,10).
func (b *Breakout) ObservationSpace() Space { return b.observed }

// ActionSpace is Discrete(3).
func (b *Breakout) ActionSpace() Space { return b.acts }

// Text is the fields row by row: # a brick, o the ball, = the paddle.
func (b *Breakout) Text() string {
	var out strings.Builder
	for row := range b.bricks {
		for column, brick := range b.bricks[row] {
			switch {
			case b.ball == [2]int{row, column}:
				out.WriteByte('o')
			case row == breakoutSide-1 && column == b.paddle:
				out.WriteByte('=')
			case brick:
				out.WriteByte('#')
			default:
				out.WriteByte('.')
			}
		}
		out.WriteByte('\n')
	}
	return out.String()
}

// Render draws the fields at 24 pixels each.
func (b *Breakout) Render() image.Image {
	const tile = 24.0
	picture := newCanvas(breakoutSide*tile, breakoutSide*tile)
	picture.rectangle(black, 0, 0, breakoutSide*tile, breakoutSide*tile)
	for row := range b.bricks {
		for column, brick := range b.bricks[row] {
			if x, y := float64(column)*tile, float64(row)*tile; brick {
				picture.rectangle(axleBlue, x+1, y+1, x+tile-1, y+tile-1)
			}
		}
	}
	x, y := float64(b.paddle)*tile, (breakoutSide-1)*tile
	picture.rectangle(goalGreen, x, y+tile/3, x+tile, y+tile)
	picture.disc(shoreGrey, (float64(b.trail[1])+0.5)*tile, (float64(b.trail[0])+0.5)*tile, tile/5)
	picture.disc(flagYellow, (float64(b.ball[1])+0.5)*tile, (float64(b.ball[0])+0.5)*tile, tile/3)
	return picture.RGBA
}
