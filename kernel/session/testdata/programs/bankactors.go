// A bank of actors: accounts are goroutines, transfers are messages, and a ledger proves that nothing got lost.

package main

import (
	"errors"
	"fmt"
	"sort"
	"sync"
)

var (
	errFunds  = errors.New("not enough money")
	errClosed = errors.New("account is closed")
	errAmount = errors.New("amount must be positive")
)

// Every message to an account implements request.
type request interface{ apply(a *account) }

type account struct {
	name    string
	balance int
	closed  bool
	history []entry
	inbox   chan request
}

type entry struct {
	kind   string
	amount int
}

type (
	deposit struct {
		amount int
		reply  chan<- error
	}
	withdraw struct {
		amount int
		reply  chan<- error
	}
	inspect struct{ reply chan<- snapshot }
	closing struct{ reply chan<- int }
)

type snapshot struct {
	name    string
	balance int
	entries int
}

func (d deposit) apply(a *account) {
	switch {
	case a.closed:
		d.reply <- errClosed
	case d.amount <= 0:
		d.reply <- fmt.Errorf("deposit of %d: %w", d.amount, errAmount)
	default:
		a.balance += d.amount
		a.history = append(a.history, entry{"in", d.amount})
		d.reply <- nil
	}
}

func (w withdraw) apply(a *account) {
	switch {
	case a.closed:
		w.reply <- errClosed
	case w.amount > a.balance:
		w.reply <- fmt.Errorf("%s: %w: %d of %d", a.name, errFunds, a.balance, w.amount)
	default:
		a.balance -= w.amount
		a.history = append(a.history, entry{"out", w.amount})
		w.reply <- nil
	}
}

func (i inspect) apply(a *account) { i.reply <- snapshot{a.name, a.balance, len(a.history)} }

func (c closing) apply(a *account) {
	c.reply <- a.balance
	a.balance, a.closed = 0, true
}

// bank starts the accounts and knows them by name.
type bank struct {
	accounts map[string]*account
	running  sync.WaitGroup
}

func (b *bank) open(name string, balance int) {
	a := &account{name: name, balance: balance, inbox: make(chan request)}
	b.accounts[name] = a
	b.running.Go(func() {
		for r := range a.inbox {
			r.apply(a)
		}
	})
}

func (b *bank) shutdown() {
	for _, a := range b.accounts {
		close(a.inbox)
	}
	b.running.Wait()
}

// ask sends a request that is made with a channel for the answer, and waits for it.
func ask[T any](a *account, make1 func(chan<- T) request) T {
	reply := make(chan T, 1)
	a.inbox <- make1(reply)
	return <-reply
}

func (b *bank) deposit(name string, amount int) error {
	return ask(b.accounts[name], func(r chan<- error) request { return deposit{amount, r} })
}

func (b *bank) withdraw(name string, amount int) error {
	return ask(b.accounts[name], func(r chan<- error) request { return withdraw{amount, r} })
}

// transfer takes first; when giving fails, the money goes back.
func (b *bank) transfer(from, to string, amount int) error {
	if err := b.withdraw(from, amount); err != nil {
		return fmt.Errorf("transfer: %w", err)
	}
	if err := b.deposit(to, amount); err != nil {
		if back := b.deposit(from, amount); back != nil {
			return errors.Join(err, back)
		}
		return fmt.Errorf("transfer to %s undone: %w", to, err)
	}
	return nil
}

func (b *bank) report() (lines []snapshot, total int) {
	for _, a := range b.accounts {
		s := ask(a, func(r chan<- snapshot) request { return inspect{r} })
		lines = append(lines, s)
		total += s.balance
	}
	sort.Slice(lines, func(i, j int) bool { return lines[i].name < lines[j].name })
	return lines, total
}

func main() {
	b := &bank{accounts: map[string]*account{}}
	for name, balance := range map[string]int{"ann": 100, "bob": 50, "cy": 0} {
		b.open(name, balance)
	}
	fmt.Println(b.report())
	fmt.Println(b.transfer("ann", "bob", 30))
	fmt.Println(b.transfer("cy", "ann", 5))
	err := b.transfer("bob", "cy", 81)
	fmt.Println(err, errors.Is(err, errFunds))
	fmt.Println(b.deposit("cy", -3))
	fmt.Println(b.report())

	// Money runs in circles from many sides; the total stays.
	var wg sync.WaitGroup
	ring := []string{"ann", "bob", "cy"}
	failures := make(chan error, 300)
	for i, from := range ring {
		for range 4 {
			wg.Go(func() {
				for k := range 10 {
					if err := b.transfer(from, ring[(i+1)%3], 1+k%3); err != nil {
						failures <- err
					}
				}
			})
		}
	}
	wg.Wait()
	close(failures)
	onlyFunds := true
	for err := range failures {
		onlyFunds = onlyFunds && errors.Is(err, errFunds)
	}
	_, total := b.report()
	fmt.Println("total", total, "failed only for lack of money:", onlyFunds)

	left := ask(b.accounts["cy"], func(r chan<- int) request { return closing{r} })
	_, total = b.report()
	fmt.Println("closed account and rest give", left+total)
	before, _ := b.report()
	err = b.transfer("ann", "cy", 1)
	if before[0].balance == 0 {
		err = b.transfer("bob", "cy", 1)
	}
	fmt.Println(err, errors.Is(err, errClosed))
	after, _ := b.report()
	fmt.Println(before[0].balance == after[0].balance, before[1].balance == after[1].balance)
	fmt.Println(b.withdraw("cy", 1) == errClosed)
	b.shutdown()

	// With the actors gone their state may be read directly.
	for _, name := range ring {
		a := b.accounts[name]
		sum := map[string]int{"ann": 100, "bob": 50, "cy": 0}[name]
		for _, e := range a.history {
			if e.kind == "in" {
				sum += e.amount
			} else {
				sum -= e.amount
			}
		}
		if a.closed {
			sum -= left
		}
		fmt.Println(name, "history agrees with balance:", sum == a.balance)
	}
	func() {
		defer func() { fmt.Println("after the end:", recover()) }()
		b.deposit("ann", 1)
	}()
}
