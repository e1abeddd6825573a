// A subset of SQL: tables in memory, SELECT with WHERE, JOIN, GROUP BY, ORDER BY, and LIMIT.

package main

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/scanner"
)

type row map[string]any

type table struct {
	columns []string
	rows    [][]any
}

var database = map[string]table{
	"people": {[]string{"id", "name", "age", "city"}, [][]any{
		{1, "Ann", 34, "Bern"}, {2, "Bob", 28, "Basel"}, {3, "Cy", 41, "Bern"}, {4, "Di", 28, "Chur"}, {5, "Ed", 55, ""},
	}},
	"orders": {[]string{"person", "item", "price"}, [][]any{
		{1, "pen", 3}, {1, "book", 20}, {3, "pen", 4}, {2, "lamp", 35}, {3, "desk", 150}, {9, "lost", 1},
	}},
}

type query struct {
	columns                      []column
	from, join, groupBy, orderBy string
	on                           [2]string
	where                        condition
	sign, limit                  int
}

type column struct{ fn, name string }

type condition func(row) bool

type parser struct {
	scanner.Scanner
	tok string
}

func (p *parser) next() string {
	old := p.tok
	if p.Scan() == scanner.EOF {
		p.tok = ""
	} else {
		p.tok = p.TokenText()
	}
	return old
}

func (p *parser) is(word string) bool {
	if strings.EqualFold(p.tok, word) {
		p.next()
		return true
	}
	return false
}

func (p *parser) must(word string) {
	if !p.is(word) {
		panic(fmt.Errorf("%v: want %s, have %q", p.Position, word, p.tok))
	}
}

func (p *parser) name() string {
	n := p.next()
	if p.is(".") {
		n += "." + p.next()
	}
	return n
}

// literal reads a number or a text.
func (p *parser) literal() any {
	t := p.next()
	if n, err := strconv.Atoi(t); err == nil {
		return n
	}
	if text, err := strconv.Unquote(t); err == nil {
		return text
	}
	panic(fmt.Errorf("%q is no value", t))
}

func (p *parser) comparison() condition {
	name, op := p.name(), p.next()
	if (op == "<" || op == ">") && (p.tok == "=" || p.tok == ">") {
		op += p.next()
	}
	right := p.literal()
	tests := map[string]func(int) bool{
		"=": func(c int) bool { return c == 0 }, "<>": func(c int) bool { return c != 0 }, "<": func(c int) bool { return c < 0 },
		">": func(c int) bool { return c > 0 }, "<=": func(c int) bool { return c <= 0 }, ">=": func(c int) bool { return c >= 0 },
	}
	test := tests[op]
	if test == nil {
		panic(fmt.Errorf("unknown operator %q", op))
	}
	return func(r row) bool {
		v, ok := r[name]
		if !ok {
			panic(fmt.Errorf("no column %s", name))
		}
		return test(compare(v, right))
	}
}

func (p *parser) where() condition {
	c := p.comparison()
	for {
		a := c
		if p.is("and") {
			b := p.comparison()
			c = func(r row) bool { return a(r) && b(r) }
		} else if p.is("or") {
			b := p.comparison()
			c = func(r row) bool { return a(r) || b(r) }
		} else {
			return c
		}
	}
}

// compare orders texts, or numbers; it panics when the two are of different kinds.
func compare(a, b any) int {
	if text, ok := a.(string); ok {
		return strings.Compare(text, b.(string))
	}
	return cmp.Compare(a.(int), b.(int))
}

func parse(text string) (q query) {
	p := &parser{}
	p.Init(strings.NewReader(text))
	p.next()
	q.sign, q.limit = 1, -1
	p.must("select")
	for more := true; more; more = p.is(",") {
		c := column{name: p.name()}
		if p.is("(") {
			c.fn, c.name = strings.ToLower(c.name), p.name()
			p.must(")")
		}
		q.columns = append(q.columns, c)
	}
	p.must("from")
	q.from = p.next()
	if p.is("join") {
		q.join = p.next()
		p.must("on")
		q.on[0] = p.name()
		p.must("=")
		q.on[1] = p.name()
	}
	if p.is("where") {
		q.where = p.where()
	}
	if p.is("group") {
		p.must("by")
		q.groupBy = p.name()
	}
	if p.is("order") {
		p.must("by")
		q.orderBy = p.name()
		if p.is("desc") {
			q.sign = -1
		}
	}
	if p.is("limit") {
		q.limit, _ = strconv.Atoi(p.next())
	}
	if p.tok != "" {
		panic(fmt.Errorf("%v: unexpected %q", p.Position, p.tok))
	}
	return q
}

func scan(name string) (rows []row) {
	t, ok := database[name]
	if !ok {
		panic(fmt.Errorf("no table %s", name))
	}
	for _, values := range t.rows {
		r := row{}
		for i, c := range t.columns {
			r[c], r[name+"."+c] = values[i], values[i]
		}
		rows = append(rows, r)
	}
	return rows
}

func aggregate(fn, name string, rows []row) any {
	sum, most := 0, math.MinInt
	for _, r := range rows {
		v, _ := r[name].(int)
		sum += v
		most = max(most, v)
	}
	switch fn {
	case "count":
		return len(rows)
	case "sum":
		return sum
	case "avg":
		return float64(sum) / float64(len(rows))
	case "max":
		return most
	}
	panic(fmt.Errorf("no function %s", fn))
}

func run(text string) (out [][]any, err error) {
	defer func() {
		if e, ok := recover().(error); ok {
			err = e
		}
	}()
	q := parse(text)
	rows := scan(q.from)
	if q.join != "" {
		var joined []row
		for _, a := range rows {
			for _, b := range scan(q.join) {
				both := maps.Clone(b)
				maps.Copy(both, a)
				if both[q.on[0]] == both[q.on[1]] {
					joined = append(joined, both)
				}
			}
		}
		rows = joined
	}
	rows = slices.DeleteFunc(rows, func(r row) bool { return q.where != nil && !q.where(r) })
	groups := [][]row{}
	// Without grouping each row is a group of its own.
	single := q.groupBy == "" && q.columns[0].fn == ""
	index := map[any]int{}
	for i, r := range rows {
		key := r[q.groupBy]
		if single {
			key = i
		}
		if _, ok := index[key]; !ok {
			index[key] = len(groups)
			groups = append(groups, nil)
		}
		groups[index[key]] = append(groups[index[key]], r)
	}
	if q.orderBy != "" {
		slices.SortStableFunc(groups, func(a, b []row) int {
			return q.sign * compare(a[0][q.orderBy], b[0][q.orderBy])
		})
	}
	if q.limit >= 0 {
		groups = groups[:min(q.limit, len(groups))]
	}
	for _, g := range groups {
		var line []any
		for _, c := range q.columns {
			v, ok := g[0][c.name]
			if c.fn != "" {
				v = aggregate(c.fn, c.name, g)
			} else if !ok {
				return nil, fmt.Errorf("no column %s", c.name)
			}
			line = append(line, v)
		}
		out = append(out, line)
	}
	return out, nil
}

func main() {
	for _, text := range []string{
		`SELECT name, age FROM people WHERE age >= 30 ORDER BY age DESC`,
		`select name from people where city = "Bern" and age <= 35 or id = 2`,
		`SELECT name, city FROM people WHERE city = "" OR name < "B" ORDER BY name`,
		`SELECT people.name, item, price FROM people JOIN orders ON people.id = orders.person WHERE price > 3 ORDER BY price LIMIT 3`,
		`SELECT name, count(*), SUM(price), max(price) FROM people JOIN orders ON id = person GROUP BY name ORDER BY name DESC`,
		`SELECT count(*), avg(age), max(age) FROM people`,
		`SELECT age, count(name) FROM people WHERE id <= 4 AND id <> 3 GROUP BY age ORDER BY age`,
		`SELECT item FROM orders WHERE item < 7`,
		`SELECT nothing FROM people`, `SELECT a FROM nowhere`, `SELECT name people`, `SELECT name FROM people WHERE age ! 3`,
		`SELECT name FROM people WHERE zip = 1`, `SELECT name FROM people LIMIT 1 extra`, `SELECT mid(age) FROM people`, `SELECT name FROM people WHERE`,
	} {
		out, err := run(text)
		fmt.Println(text[7:min(60, len(text))])
		fmt.Println("   ", out, err)
	}
}
