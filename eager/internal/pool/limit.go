package pool

import "sync/atomic"

// limit is the most that may be lent at a time, in bytes; 0: no limit.
var limit atomic.Int64

// SetLimit sets the most bytes of big blocks that may be lent at a time, and returns what it was; 0 is no limit.
func SetLimit(n int64) (old int64) { return limit.Swap(max(n, 0)) }

// Limit is the limit of SetLimit.
func Limit() int64 { return limit.Load() }

// Exceeded is a wish that cannot be met.
type Exceeded struct {
	Want, Live, Limit int64 // bytes; Limit is 0 when it is the operating system that has no more
}

// Error says what was wanted.
func (e *Exceeded) Error() string { return "pool: no memory" }

// Refuse is what Get calls when it has no memory. It must not return.
var Refuse = func(e *Exceeded) { panic(e) }

// admit sees to it that n more bytes are within the limit: it collects first what nobody can reach, and then refuses.
func admit(n int64) {
	l := limit.Load()
	if l == 0 || live.Load()+n <= l {
		return
	}
	collecting.Lock()
	if live.Load()+n > l {
		collect()
	}
	collecting.Unlock()
	if now := live.Load(); now+n > l {
		Refuse(&Exceeded{n, now, l})
	}
}

// lent counts n more bytes.
func lent(n int64) {
	now := live.Add(n)
	for p := peak.Load(); now > p && !peak.CompareAndSwap(p, now); p = peak.Load() {
	}
}

// ResetPeak makes the most that was lent what is lent now.
func ResetPeak() { peak.Store(live.Load()) }
