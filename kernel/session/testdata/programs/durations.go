// Durations and dates: arithmetic, rounding, formatting, parsing, calendars, zones by offset.

package main

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// date is a day without a time.
type date struct {
	time.Time
}

func on(y int, m time.Month, d int) date { return date{time.Date(y, m, d, 0, 0, 0, 0, time.UTC)} }

func (d date) String() string     { return d.Format(time.DateOnly) }
func (d date) plus(days int) date { return date{d.AddDate(0, 0, days)} }
func (d date) until(o date) int   { return int(o.Sub(d.Time) / (24 * time.Hour)) }
func (d date) isWeekend() bool    { return d.Weekday() == time.Saturday || d.Weekday() == time.Sunday }
func (d date) next(w time.Weekday) date {
	return d.plus((int(w-d.Weekday())+6)%7 + 1)
}

// easter follows Gauss in the form of Meeus, Jones and Butcher.
func easter(y int) date {
	a, b, c := y%19, y/100, y%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	return on(y, time.Month((h+l-7*m+114)/31), (h+l-7*m+114)%31+1)
}

func workdays(from, to date, holidays ...date) (n int) {
days:
	for d := from; d.Before(to.Time); d = d.plus(1) {
		if d.isWeekend() {
			continue
		}
		for _, h := range holidays {
			if h.Equal(d.Time) {
				continue days
			}
		}
		n++
	}
	return n
}

func calendar(y int, m time.Month) (lines []string) {
	first := on(y, m, 1)
	lines = append(lines, fmt.Sprintf("%s %d", m, y), "Mo Tu We Th Fr Sa Su")
	row := strings.Repeat("   ", (int(first.Weekday())+6)%7)
	for d := first; d.Month() == m; d = d.plus(1) {
		row += fmt.Sprintf("%2d ", d.Day())
		if d.Weekday() == time.Sunday {
			lines, row = append(lines, strings.TrimRight(row, " ")), ""
		}
	}
	if row != "" {
		lines = append(lines, strings.TrimRight(row, " "))
	}
	return lines
}

// human tells a duration in words.
func human(d time.Duration) string {
	if d < 0 {
		return human(-d) + " ago"
	}
	var parts []string
	for _, u := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if n := d / u.size; n > 0 {
			d -= n * u.size
			s := fmt.Sprint(int64(n), " ", u.name)
			if n > 1 {
				s += "s"
			}
			parts = append(parts, s)
		}
	}
	if parts == nil {
		return "just now"
	}
	return strings.Join(parts[:min(2, len(parts))], " and ")
}

func main() {
	d := 90*time.Minute + 30*time.Second + 5*time.Millisecond
	fmt.Println(d, d.Hours(), d.Minutes(), d.Seconds(), d.Milliseconds(), d.Round(time.Minute), d.Truncate(time.Hour), -d)
	fmt.Println(time.Duration(0), 1*time.Nanosecond, 1500*time.Microsecond, time.Duration(1<<63-1), d/4, d%time.Minute, time.Duration(float64(d)*1.5), d.Abs() == (-d).Abs())
	for _, s := range []string{"1h15m30.918s", "-1.5h", "1us", "2h3", "", "100000h", "+5s", ".5m"} {
		p, err := time.ParseDuration(s)
		fmt.Print(p, " ", err, "; ")
	}
	fmt.Println()
	fmt.Println(human(d), human(-50*time.Hour), human(61*time.Second), human(3*time.Millisecond), human(24*time.Hour))

	t := time.Date(2024, time.February, 28, 22, 30, 15, 123456789, time.UTC)
	fmt.Println(t, t.Weekday(), t.YearDay(), t.Unix(), t.Nanosecond())
	fmt.Println(t.Add(26*time.Hour), t.AddDate(0, 0, 2).Format(time.DateOnly), t.AddDate(1, 1, 1).Format(time.DateOnly), t.AddDate(0, -3, 2).Format("Jan 2"))
	fmt.Println(time.Date(2023, 14, 35, 25, 61, 61, 0, time.UTC), time.Date(2024, 3, 0, 0, 0, 0, 0, time.UTC).Day(), on(2023, 2, 29), on(1900, 3, 0), on(2000, 3, 0))
	y, w := t.ISOWeek()
	fmt.Println(y, w, t.Truncate(time.Hour).Format(time.TimeOnly), t.Round(time.Second).Format(time.StampMilli))
	for _, layout := range []string{time.RFC3339Nano, time.RFC1123Z, time.Kitchen, time.ANSIC, "Monday, 02-Jan-06", "2006-01-02T15:04:05.000", "03:04:05 pm Mon _2", "15h04 (.00) 002 MST"} {
		fmt.Print(t.Format(layout), " | ")
	}
	fmt.Println()

	zone := time.FixedZone("CET", 3600)
	tokyo := time.FixedZone("JST", 9*3600)
	local := t.In(zone)
	fmt.Println(local, local.Equal(t), local == t, t.In(tokyo).Format(time.RFC822), local.Day(), t.In(tokyo).Day())
	name, offset := t.In(tokyo).Zone()
	fmt.Println(name, offset, local.Location(), t.Before(local), local.Sub(t), t.Compare(t.Add(1)))

	for _, p := range [][2]string{{time.RFC3339, "2024-05-06T07:08:09+02:00"}, {time.DateOnly, "2024-13-01"}, {"2 Jan 2006", "31 Feb 2024"}, {"15:04", "25:00"}, {"Jan 2 15:04 2006", "Mar 9 04:05 1999"}, {time.DateTime, "2024-01-02"}, {"2006-002", "2024-060"}} {
		v, err := time.Parse(p[0], p[1])
		var pe *time.ParseError
		fmt.Println(v.UTC().Format(time.DateTime), err, errors.As(err, &pe))
	}
	in, err := time.ParseInLocation(time.DateTime, "2024-07-01 12:00:00", zone)
	fmt.Println(in, err, in.UTC().Hour(), time.Unix(1e9, 5).UTC(), time.UnixMilli(-1).UTC(), time.Time{}.IsZero(), time.Time{})

	start := on(2024, time.December, 20)
	fmt.Println(start, start.plus(15), start.until(on(2025, 1, 1)), start.next(time.Monday), start.next(time.Friday), start.isWeekend())
	fmt.Println(workdays(start, on(2025, 1, 4), on(2024, 12, 25), on(2024, 12, 26), on(2025, 1, 1)))
	for _, y := range []int{1999, 2000, 2024, 2038} {
		e := easter(y)
		fmt.Print(e, " ", e.Weekday(), " ", e.plus(49), "; ")
	}
	fmt.Println()
	for _, line := range calendar(2024, time.February) {
		fmt.Println(line)
	}
	fridays := 0
	for m := time.January; m <= time.December; m++ {
		if on(2026, m, 13).Weekday() == time.Friday {
			fridays++
		}
	}
	fmt.Println(fridays, time.Month(13), time.Saturday+1, time.March.String()[:3])
	text, err := t.MarshalText()
	var back time.Time
	fmt.Println(string(text), err, back.UnmarshalText(text), back.Equal(t))
}
