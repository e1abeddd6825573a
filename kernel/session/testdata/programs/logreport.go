// A report on the log of a web server: parsed lines, classes, sessions, and a bar chart by the hour.

package main

import (
	"cmp"
	"fmt"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

const log = `10.0.0.1 - ann [12/Mar/2024:08:01:10 +0000] "GET /index.html HTTP/1.1" 200 512
10.0.0.1 - ann [12/Mar/2024:08:01:12 +0000] "GET /img/logo.png HTTP/1.1" 200 20480
192.168.7.9 - - [12/Mar/2024:08:30:00 +0100] "POST /login?user=bob&next=%2Fhome HTTP/1.1" 302 0
192.168.7.9 - bob [12/Mar/2024:10:05:00 +0000] "GET /home HTTP/1.1" 200 1024
fe80::1 - - [12/Mar/2024:10:06:00 +0000] "GET /search?q=go+lang&q=caf%C3%A9&page=2 HTTP/2.0" 200 4096
not a line of the log
10.0.0.1 - ann [12/Mar/2024:10:45:00 +0000] "GET /missing.html HTTP/1.1" 404 99
10.0.0.1 - ann [12/Mar/2024:10:45:30 +0000] "DELETE /img/logo.png HTTP/1.1" 403 10
fe80::1 - - [32/Mar/2024:10:06:00 +0000] "GET / HTTP/2.0" 200 1
10.0.0.300 - - [12/Mar/2024:10:06:00 +0000] "GET / HTTP/2.0" 200 1
192.168.7.9 - bob [12/Mar/2024:11:59:59 +0000] "GET /api/report.json HTTP/1.1" 500 -
`

type hit struct {
	from   netip.Addr
	user   string
	at     time.Time
	method string
	target *url.URL
	status int
	bytes  int64
}

// between cuts what stands between two marks, and returns the rest.
func between(s, open, end string) (inside, rest string, ok bool) {
	_, s, ok = strings.Cut(s, open)
	if !ok {
		return
	}
	return strings.Cut(s, end)
}

func parse(line string) (h hit, err error) {
	head := strings.Fields(line)
	if len(head) < 3 {
		return h, fmt.Errorf("%d fields", len(head))
	}
	if h.from, err = netip.ParseAddr(head[0]); err != nil {
		return h, err
	}
	h.user = head[2]
	stamp, rest, ok := between(line, "[", "]")
	if !ok {
		return h, fmt.Errorf("no time")
	}
	if h.at, err = time.Parse("02/Jan/2006:15:04:05 -0700", stamp); err != nil {
		return h, err
	}
	request, rest, _ := between(rest, `"`, `"`)
	parts := strings.Fields(request)
	h.method = parts[0]
	if h.target, err = url.Parse(parts[1]); err != nil {
		return h, err
	}
	numbers := strings.Fields(rest)
	if h.status, err = strconv.Atoi(numbers[0]); err != nil {
		return h, err
	}
	if numbers[1] != "-" {
		h.bytes, err = strconv.ParseInt(numbers[1], 10, 64)
	}
	return h, err
}

type session struct {
	from  netip.Addr
	start time.Time
	end   time.Time
	hits  int
}

// sessions joins the hits of an address that are less than a gap apart.
func sessions(hits []hit, gap time.Duration) (all []session) {
	open := map[netip.Addr]int{}
	for _, h := range hits {
		i, ok := open[h.from]
		if !ok || h.at.Sub(all[i].end) > gap {
			open[h.from] = len(all)
			all = append(all, session{h.from, h.at, h.at, 1})
			continue
		}
		all[i].end = h.at
		all[i].hits++
	}
	return all
}

func human(n int64) string {
	units := "BKMG"
	f, i := float64(n), 0
	for f >= 1024 && i < len(units)-1 {
		f /= 1024
		i++
	}
	return strconv.FormatFloat(f, 'f', min(i, 1), 64) + units[i:i+1]
}

func main() {
	var hits []hit
	number := 0
	for line := range strings.Lines(log) {
		number++
		h, err := parse(strings.TrimSpace(line))
		if err != nil {
			fmt.Printf("line %d: %v\n", number, err)
			continue
		}
		hits = append(hits, h)
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return a.at.Compare(b.at) })

	var total int64
	classes := [6]int{}
	perUser := map[string]int64{}
	var hours [24]int
	for _, h := range hits {
		total += h.bytes
		classes[h.status/100]++
		perUser[h.user] += h.bytes
		hours[h.at.UTC().Hour()]++
	}
	fmt.Println(len(hits), "hits", human(total), human(100), human(5<<30), "classes", classes[2:])
	users := make([]string, 0, len(perUser))
	for u := range perUser {
		users = append(users, u)
	}
	slices.SortFunc(users, func(a, b string) int { return cmp.Or(cmp.Compare(perUser[b], perUser[a]), cmp.Compare(a, b)) })
	for _, u := range users {
		fmt.Printf("%-4s %8s %5.1f%%\n", u, human(perUser[u]), 100*float64(perUser[u])/float64(total))
	}
	for hour, n := range hours {
		if n > 0 {
			fmt.Printf("%02d:00 %s\n", hour, strings.Repeat("*", n))
		}
	}
	for _, s := range sessions(hits, time.Hour) {
		fmt.Printf("%s from %s for %s, %d hits, private %t, v6 %t\n", s.from, s.start.UTC().Format(time.TimeOnly), s.end.Sub(s.start), s.hits, s.from.IsPrivate(), s.from.Is6())
	}
	kinds := map[string][]string{}
	for _, h := range hits {
		ext := cmp.Or(path.Ext(h.target.Path), "none")
		if dir := path.Dir(h.target.Path); !slices.Contains(kinds[ext], dir) {
			kinds[ext] = append(kinds[ext], dir)
		}
		if q := h.target.Query(); len(q) > 0 {
			fmt.Println(h.method, h.target.Path, q["q"], q.Get("next"), q.Encode())
		}
	}
	fmt.Println(kinds)
	first, last := hits[0], hits[len(hits)-1]
	fmt.Println(first.at.Format(time.RFC3339), last.at.Sub(first.at).Round(time.Minute), first.at.Weekday(), last.at.YearDay(), first.at.Add(36*time.Hour).Format("Mon 2 Jan 06 3:04PM"))
	network := netip.MustParsePrefix("10.0.0.0/29")
	fmt.Println(network.Contains(netip.MustParseAddr("10.0.0.7")), network.Contains(netip.MustParseAddr("10.0.0.8")), network.Addr().Next(), network.Masked())
}
