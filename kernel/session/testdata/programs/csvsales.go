// A sales report from CSV: read, check, group, total, and write as CSV again.

package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

const input = `date,region,product,units,price
2024-01-03,North,"Chair, oak",4,89.50
2024-01-04,South,Table,1,240
2024-01-09,North,Lamp,10,19.95
2024-02-01,East,"Lamp ""Luna""",3,35.00
2024-02-11,South,"Chair, oak",6,89.50
2024-02-12,North,Table,2,240
# a comment line
2024-03-05,East,Chair,x,59
2024-03-09,East,Lamp,2
2024-03-10,South,Lamp,7,19.95
`

type cents int64

func (c cents) String() string { return fmt.Sprintf("%d.%02d", c/100, c%100) }

func parseCents(s string) (cents, error) {
	whole, fraction, _ := strings.Cut(s, ".")
	w, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return 0, err
	}
	f, err := strconv.ParseInt((fraction + "00")[:2], 10, 64)
	return cents(w*100 + f), err
}

type sale struct {
	month, region, product string
	units                  int
	price                  cents
}

func (s sale) total() cents { return cents(s.units) * s.price }

func parse(record []string) (s sale, err error) {
	s = sale{month: record[0][:7], region: record[1], product: record[2]}
	if s.units, err = strconv.Atoi(record[3]); err != nil {
		return s, fmt.Errorf("units: %w", err)
	}
	if s.price, err = parseCents(record[4]); err != nil {
		return s, fmt.Errorf("price: %w", err)
	}
	return s, nil
}

func read(r io.Reader) (sales []sale, problems []error) {
	in := csv.NewReader(r)
	in.Comment = '#'
	header, err := in.Read()
	if err != nil {
		return nil, []error{err}
	}
	fmt.Printf("columns %q\n", header)
	for {
		record, err := in.Read()
		if err == io.EOF {
			return
		}
		if err != nil {
			problems = append(problems, err)
			continue
		}
		line, column := in.FieldPos(3)
		s, err := parse(record)
		if err != nil {
			problems = append(problems, fmt.Errorf("line %d, column %d: %w", line, column, err))
			continue
		}
		sales = append(sales, s)
	}
}

// group sums the sales by a key; the keys come back in order.
func group(sales []sale, key func(sale) string) (keys []string, sums map[string]cents) {
	sums = make(map[string]cents)
	for _, s := range sales {
		k := key(s)
		if _, ok := sums[k]; !ok {
			keys = append(keys, k)
		}
		sums[k] += s.total()
	}
	slices.Sort(keys)
	return
}

func main() {
	sales, problems := read(strings.NewReader(input))
	fmt.Println(len(sales), "sales,", len(problems), "problems")
	for _, p := range problems {
		var parseError *csv.ParseError
		fmt.Println(" ", p, errors.As(p, &parseError), errors.Is(p, csv.ErrFieldCount), errors.Is(p, strconv.ErrSyntax))
	}
	var all cents
	for _, s := range sales {
		all += s.total()
	}
	keys := []struct {
		title string
		of    func(sale) string
	}{
		{"region", func(s sale) string { return s.region }},
		{"month", func(s sale) string { return s.month }},
		{"product", func(s sale) string { p, _, _ := strings.Cut(s.product, " "); return strings.Trim(p, ",") }},
	}
	for _, k := range keys {
		names, sums := group(sales, k.of)
		fmt.Print("by ", k.title, ":")
		for _, name := range names {
			fmt.Printf(" %s %v (%d%%)", name, sums[name], sums[name]*100/all)
		}
		fmt.Println()
	}

	slices.SortStableFunc(sales, func(a, b sale) int { return int(b.total() - a.total()) })
	out := csv.NewWriter(os.Stdout)
	out.Comma = ';'
	out.Write([]string{"product", "units", "total"})
	for _, s := range sales[:4] {
		out.Write([]string{s.product, strconv.Itoa(s.units), s.total().String()})
	}
	out.WriteAll([][]string{{"semi;colon", "new\nline", " space"}, {"", `"`, "all"}})
	fmt.Println(out.Error(), all)

	loose := csv.NewReader(strings.NewReader("a \"b\" c, 2\n\n  x,\"multi\nline\",y,z\n"))
	loose.FieldsPerRecord, loose.LazyQuotes, loose.TrimLeadingSpace = -1, true, true
	records, err := loose.ReadAll()
	fmt.Printf("%q %v\n", records, err)
	_, err = csv.NewReader(strings.NewReader("ok,fine\nbad\"quote,x\n")).ReadAll()
	fmt.Println(err)
}
