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

func TestAllOfMakeKeepTheRulesAndDrawWhatChanges(t *testing.T) {
	for _, id := range IDs() {
		env := Make(id)
		if err := CheckEnv(env); err != nil {
			t.Errorf("%s: %v", id, err)
		}
		env.ActionSpace().Seed(1)
		env.Reset(1)
		pictures := map[string]bool{}
		for range 30 {
			picture := Inside(env).(Renderer).Render()
			var pixels strings.Builder
			for y := picture.Bounds().Min.Y; y < picture.Bounds().Max.Y; y += 3 {
				for x := picture.Bounds().Min.X; x < picture.Bounds().Max.X; x += 3 {
					r, g, b, _ := picture.At(x, y).RGBA()
					pixels.Write([]byte{byte(r), byte(g), byte(b)})
				}
			}
			pictures[pixels.String()] = true
			if _, _, terminated, truncated, _ := env.Step(env.ActionSpace().Sample()); terminated || truncated {
				env.Reset(Keep)
			}
		}
		if len(pictures) < 2 {
			t.Errorf("%s: thirty states all look the same", id)
		}
	}
}

func TestMisuseOfTheNewerEnvironmentsIsNamed(t *testing.T) {
	car, continuous := NewMountainCar(), NewMountainCarContinuous()
	taxi, cards, begun := NewTaxi(false), NewBlackjack(), NewMountainCarContinuous()
	taxi.Reset(0)
	cards.Reset(0)
	begun.Reset(0)
	rod := NewPendulum()
	rod.Reset(0)
	for want, f := range map[string]func(){
		"MountainCar.Step: no episode has begun":                  func() { car.Step(Action(0)) },
		"MountainCarContinuous.Step: no episode has begun":        func() { continuous.Step(Action(0)) },
		"CliffWalking.Step: no episode has begun":                 func() { NewCliffWalking(false).Step(Action(0)) },
		"Taxi.Step: action [6] is not in Discrete(6)":             func() { taxi.Step(Action(6)) },
		"Blackjack.Step: action [2] is not in Discrete(2)":        func() { cards.Step(Action(2)) },
		"MountainCarContinuous.Step: action [] is not in Box(-1,": func() { begun.Step(nil) },
		"Pendulum.Step: no episode has begun":                     func() { NewPendulum().Step([]float32{0}) },
		"Acrobot.Step: no episode has begun":                      func() { NewAcrobot().Step(Action(0)) },
		"Pendulum.Step: action [NaN] is not in Box(-2, 2":         func() { rod.Step([]float32{float32(math.NaN())}) },
	} {
		var fault *eager.Error
		if err := eager.Try(f); !errors.As(err, &fault) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant %q in it", err, want)
		}
	}
}

func TestTaxiTellsWhichActionsChangeAnything(t *testing.T) {
	taxi := NewTaxi(false)
	taxi.Reset(0)
	for state := range 500 {
		for action := range 6 {
			taxi.state = state
			before := taxi.info(1)["action_mask"].([]bool)
			taxi.Step(Action(action))
			if changed := taxi.state != state; changed != before[action] {
				t.Fatalf("state %d, action %d: the mask says %v, changed is %v", state, action, before[action], changed)
			}
		}
	}
}

func TestTuplesContainEachPart(t *testing.T) {
	space := NewBlackjack().ObservationSpace()
	if got := space.String(); got != "Tuple(Discrete(32), Discrete(11), Discrete(2))" {
		t.Errorf("the space prints as %s", got)
	}
	for _, v := range [][]float32{{32, 1, 0}, {3, 11, 0}, {3, 1}, {3, 1, 0, 0}, {3, 1, 2}} {
		if space.Contains(v) {
			t.Errorf("%v contains %v", space, v)
		}
	}
	for range 100 {
		if v := space.Sample(); len(v) != space.Size() || !space.Contains(v) {
			t.Fatalf("%v sampled %v, which it does not contain", space, v)
		}
	}
}

func TestThingsAreDrawnWhereTheyAre(t *testing.T) {
	is := func(what string, env Renderer, x, y int, want color.RGBA) {
		t.Helper()
		if got := color.RGBAModel.Convert(env.Render().At(x, y)); got != want {
			t.Errorf("%s: the pixel (%d,%d) is %v, want %v", what, x, y, got, want)
		}
	}
	car := NewMountainCar()
	car.x = -0.5235987755982988                     // the bottom of the valley, at height 0.1
	is("car", car, 225, 400-33-22, black)           // 333 pixels a unit
	is("above the car", car, 225, 400-33-40, white) //
	is("flag", car, 576, 400-332-44, flagYellow)
	rod := NewPendulum()
	rod.angle = math.Pi / 2
	is("the rod, lying to the left", rod, 250-100, 250, poleWood)
	is("right of its axle", rod, 250+30, 250, white)
	robot := NewAcrobot()
	robot.state = [4]float64{0, math.Pi / 2}
	is("the upper rod, hanging", robot, 250, 250+60, rodTeal)
	is("the lower rod, to the right", robot, 250+60, 250+114, rodTeal)
	is("the line", robot, 20, 250-114, black)
	cliff := NewCliffWalking(false)
	cliff.Reset(0)
	is("walker", cliff, 20, 140, walkerRed)
	is("cliff", cliff, 60, 140, holeBlue)
	is("goal", cliff, 460, 140, goalGreen)
	taxi := NewTaxi(false)
	taxi.Reset(0)
	taxi.state = ((2*5+3)*5+1)*4 + 0 // in row 2, column 3; the passenger at G
	is("taxi", taxi, 3*60+30, 2*60+30, flagYellow)
	is("passenger", taxi, 4*60+30, 30, holeBlue)
	is("wall", taxi, 120, 30, black)
	is("way", taxi, 60, 30, white)
	cards := NewBlackjack()
	cards.Reset(0)
	cards.dealer, cards.player = []int{1, 10}, []int{3, 4}
	is("the open ace's pip", cards, 30+35-16, 60, black)
	is("no second pip", cards, 30+35+16, 60, white)
	is("the card that lies face down", cards, 30+82+35, 100, walkerRed)
}

func TestBlackjackIsWritten(t *testing.T) {
	cards := NewBlackjack()
	cards.Reset(0)
	cards.dealer, cards.player = []int{10, 9}, []int{1, 6}
	if got, want := cards.Text(), "dealer 10 = 10\nplayer A 6 = 17\n"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	observation, reward, terminated, _, _ := cards.Step(Action(0))
	if !slices.Equal(observation, []float32{17, 10, 1}) || reward != -1 || !terminated {
		t.Errorf("17 against 19: %v, reward %v, terminated %v", observation, reward, terminated)
	}
	if got, want := cards.Text(), "dealer 10 9 = 19\nplayer A 6 = 17\n"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
}
