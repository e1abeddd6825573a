package rl

import (
	"fmt"
	"image"
	"image/color"
	"strings"
)

// Blackjack is Gymnasium's Blackjack-v1 (Sutton and Barto 2018, example 5.1): draw cards from an endless deck to come
// nearer to 21 than the dealer, but not above. Pictures count 10, an ace 11 or, where that would be above 21, 1.
//
//	observation  0  the sum of the player's cards  4 .. 21, more where it is lost
//	             1  the dealer's open card         1 .. 10, 1 is an ace
//	             2  1 if an ace counts as 11, else 0
//	action       0 stick, 1 hit (take a card)
//	reward       at the end: 1 won, 0 drawn, -1 lost; before: 0
//	end          terminated above 21, and on sticking, when the dealer draws up to 17
//
// Make("Blackjack-v1") has the rules of the book (Book: true).
type Blackjack struct {
	// Book: an ace and a ten at once win against all else. Natural, where Book is false: they pay 1.5 if they win.
	Book, Natural bool

	random         *Generator
	begun, over    bool
	player, dealer []int
	observation    *Tuple
	action         *Discrete
}

// NewBlackjack is the environment with the rules of the book.
func NewBlackjack() *Blackjack {
	return &Blackjack{Book: true, action: NewDiscrete(2),
		observation: NewTuple([]Space{NewDiscrete(32), NewDiscrete(11), NewDiscrete(2)})}
}

// Reset deals two cards each.
func (b *Blackjack) Reset(seed int) ([]float32, Info) {
	b.random = reseed(b.random, seed)
	b.dealer = []int{b.draw(), b.draw()}
	b.player = []int{b.draw(), b.draw()}
	b.random.Intn(4) // Gymnasium draws the open card's suit and which picture it is
	if b.dealer[0] == 10 {
		b.random.Intn(3)
	}
	b.begun, b.over = true, false
	return b.observe(), nil
}

func (b *Blackjack) draw() int { return min(b.random.Intn(13)+1, 10) }

// Step takes a card, or lets the dealer draw and ends the game. An action other than 0 and 1, or a Step before the
// first Reset, is an error.
func (b *Blackjack) Step(action []float32) ([]float32, float64, bool, bool, Info) {
	checkStep("Blackjack.Step", b.begun, b.action, action)
	if action[0] == 1 {
		b.player = append(b.player, b.draw())
		if sum, _ := handSum(b.player); sum > 21 {
			b.over = true
			return b.observe(), -1, true, false, nil
		}
		return b.observe(), 0, false, false, nil
	}
	b.over = true
	for {
		if sum, _ := handSum(b.dealer); sum >= 17 {
			break
		}
		b.dealer = append(b.dealer, b.draw())
	}
	reward := 0.0
	switch player, dealer := handScore(b.player), handScore(b.dealer); {
	case player > dealer:
		reward = 1
	case player < dealer:
		reward = -1
	}
	switch {
	case b.Book && isNatural(b.player) && !isNatural(b.dealer):
		reward = 1
	case !b.Book && b.Natural && isNatural(b.player) && reward == 1:
		reward = 1.5
	}
	return b.observe(), reward, true, false, nil
}

// handSum is the worth of cards, and whether an ace counts as 11 in it.
func handSum(hand []int) (sum int, ace bool) {
	for _, card := range hand {
		sum += card
		ace = ace || card == 1
	}
	if ace = ace && sum+10 <= 21; ace {
		sum += 10
	}
	return sum, ace
}

// handScore is handSum, 0 above 21.
func handScore(hand []int) int {
	if sum, _ := handSum(hand); sum <= 21 {
		return sum
	}
	return 0
}

func isNatural(hand []int) bool {
	return len(hand) == 2 && hand[0]+hand[1] == 11 && min(hand[0], hand[1]) == 1
}

// ObservationSpace is the Tuple of Discrete(32), Discrete(11) and Discrete(2).
func (b *Blackjack) ObservationSpace() Space { return b.observation }

// ActionSpace is Discrete(2).
func (b *Blackjack) ActionSpace() Space { return b.action }

func (b *Blackjack) observe() []float32 {
	sum, ace := handSum(b.player)
	out := []float32{float32(sum), float32(b.dealer[0]), 0}
	if ace {
		out[2] = 1
	}
	return out
}

// open is the dealer's cards that can be seen: one, until the game is over.
func (b *Blackjack) open() []int {
	if b.over || !b.begun {
		return b.dealer
	}
	return b.dealer[:1]
}

// Text is two lines: the dealer's cards that can be seen and the player's, each with their sum.
func (b *Blackjack) Text() string {
	line := func(who string, hand []int) string {
		words := make([]string, len(hand))
		for i, card := range hand {
			if words[i] = itoa(card); card == 1 {
				words[i] = "A"
			}
		}
		sum, _ := handSum(hand)
		return fmt.Sprintf("%-7s%s = %d\n", who, strings.Join(words, " "), sum)
	}
	return line("dealer", b.open()) + line("player", b.player)
}

// Render draws the table at 600x400 pixels: the dealer's cards above, face down while they are not seen, the player's
// below, each card with as many pips as it counts.
func (b *Blackjack) Render() image.Image {
	const width, height, gap = 70.0, 130.0, 82.0
	picture := newCanvas(600, 400)
	picture.rectangle(color.RGBA{7, 99, 36, 255}, 0, 0, 600, 400)
	row := func(hand []int, seen int, top float64) {
		step := min(gap, 540/float64(max(1, len(hand))))
		for i, card := range hand {
			x := 30 + float64(i)*step
			picture.rectangle(black, x-1, top-1, x+width+1, top+height+1)
			picture.rectangle(white, x, top, x+width, top+height)
			if i >= seen {
				picture.rectangle(walkerRed, x+6, top+6, x+width-6, top+height-6)
				continue
			}
			for pip := range card {
				picture.disc(black, x+width/2+float64(2*(pip%2)-1)*16, top+20+float64(pip/2)*22, 8)
			}
		}
	}
	row(b.dealer, len(b.open()), 40)
	row(b.player, len(b.player), 230)
	return picture.RGBA
}
