// The packages slices, maps and cmp: searching, sorting, editing, comparing, and collecting.

package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

type employee struct {
	Name   string
	Dept   string
	Salary int
}

func byDept(a, b employee) int {
	return cmp.Or(strings.Compare(a.Dept, b.Dept), cmp.Compare(b.Salary, a.Salary), strings.Compare(a.Name, b.Name))
}

type grid [][]int

func main() {
	xs := []int{5, 2, 8, 2, 9, 1, 5}
	sorted := slices.Sorted(slices.Values(xs))
	fmt.Println(sorted, slices.IsSorted(xs), slices.IsSorted(sorted), slices.Min(xs), slices.Max(xs))
	fmt.Println(slices.BinarySearch(sorted, 5))
	fmt.Println(slices.BinarySearch(sorted, 6))
	fmt.Println(slices.Index(xs, 8), slices.Index(xs, 7), slices.Contains(xs, 9), slices.IndexFunc(xs, func(n int) bool { return n < 2 }))
	fmt.Println(slices.Compact(slices.Clone(sorted)), slices.CompactFunc([]string{"a", "A", "b", "B", "a"}, strings.EqualFold))
	fmt.Println(slices.Insert([]int{1, 2}, 1, 7, 8), slices.Delete([]int{0, 1, 2, 3, 4}, 1, 3), slices.Replace([]int{0, 1, 2, 3}, 1, 2, 9, 9, 9))
	fmt.Println(slices.DeleteFunc(slices.Clone(xs), func(n int) bool { return n%2 == 1 }), slices.Concat(xs[:2], nil, xs[5:]), slices.Repeat([]string{"ab"}, 3))
	reversed := slices.Clone(xs)
	slices.Reverse(reversed)
	fmt.Println(reversed, slices.Equal(xs, reversed), slices.Compare(xs, reversed), slices.Compare([]int{1}, []int{1, 0}))

	// Delete clears what is left over, so that nothing is kept alive.
	words := []string{"a", "b", "c", "d"}
	shorter := slices.Delete(words, 0, 2)
	fmt.Printf("%q %q\n", shorter, words)
	grown := slices.Grow([]int{1}, 10)
	fmt.Println(len(grown), cap(grown) >= 11, cap(slices.Clip(grown)), slices.Clone([]int(nil)) == nil, len(slices.Clone([]int{})))

	staff := []employee{{"Ann", "dev", 90}, {"Bob", "ops", 70}, {"Cy", "dev", 95}, {"Di", "ops", 70}, {"Ed", "art", 60}}
	slices.SortFunc(staff, byDept)
	fmt.Println(staff)
	slices.SortStableFunc(staff, func(a, b employee) int { return cmp.Compare(len(a.Dept)+a.Salary, len(b.Dept)+b.Salary) })
	for _, e := range staff {
		fmt.Print(e.Name, " ")
	}
	fmt.Println(slices.IsSortedFunc(staff, byDept))
	fmt.Println(slices.MinFunc(staff, byDept), slices.MaxFunc(staff, func(a, b employee) int { return cmp.Compare(a.Salary, b.Salary) }))
	at, found := slices.BinarySearchFunc(staff, 90, func(e employee, salary int) int { return cmp.Compare(e.Salary, salary) })
	fmt.Println(at, found, slices.ContainsFunc(staff, func(e employee) bool { return e.Dept == "art" }))
	fmt.Println(slices.EqualFunc(staff[:2], []string{"Ed", "Bob"}, func(e employee, name string) bool { return e.Name == name }))

	for i, v := range slices.Backward(xs[:3]) {
		fmt.Print(i, ":", v, " ")
	}
	for part := range slices.Chunk(xs, 3) {
		fmt.Print(part, cap(part))
	}
	fmt.Println()
	fmt.Println(slices.AppendSeq([]int{0}, slices.Values(xs[:2])), slices.Collect(maps.Keys(map[string]bool{"k": true})), slices.SortedFunc(slices.Values(staff), func(a, b employee) int { return -cmp.Compare(a.Name, b.Name) })[0].Name)

	ages := map[string]int{"ann": 31, "bob": 40, "cy": 31}
	copied := maps.Clone(ages)
	copied["dan"] = 1
	fmt.Println(maps.Equal(ages, copied), len(ages), copied, maps.Clone(map[int]int(nil)) == nil)
	maps.DeleteFunc(copied, func(_ string, age int) bool { return age == 31 })
	maps.Copy(copied, map[string]int{"bob": 41, "eve": 5})
	fmt.Println(copied, slices.Sorted(maps.Keys(copied)), slices.Sorted(maps.Values(ages)))
	fmt.Println(maps.EqualFunc(map[string]int{"a": 1}, map[string]string{"a": "1"}, func(n int, s string) bool { return fmt.Sprint(n) == s }))
	inverse := map[int][]string{}
	for _, name := range slices.Sorted(maps.Keys(ages)) {
		inverse[ages[name]] = append(inverse[ages[name]], name)
	}
	fmt.Println(inverse)
	byIndex := maps.Collect(slices.All([]string{"zero", "one"}))
	maps.Insert(byIndex, maps.All(map[int]string{7: "seven"}))
	fmt.Println(byIndex)

	fmt.Println(cmp.Compare(1, 2), cmp.Compare("b", "a"), cmp.Compare(2.5, 2.5), cmp.Less(1, 2), cmp.Or(0, 3, 5), cmp.Or("", "x"), cmp.Or[int]())
	var g grid = grid{{3, 1}, {2}, {3, 0}, nil}
	slices.SortFunc(g, slices.Compare[[]int])
	fmt.Println(g, slices.ContainsFunc(g, func(row []int) bool { return row == nil }))
	fmt.Println(slices.IndexFunc(g, func(row []int) bool { return slices.Equal(row, []int{2}) }))

	for _, f := range []func(){
		func() { fmt.Println(slices.Insert(xs, 99, 1)) },
		func() { fmt.Println(slices.Delete(xs, 5, 2)) },
		func() { fmt.Println(slices.Min([]int{})) },
		func() { fmt.Println(slices.Grow(xs, -1)) },
		func() { fmt.Println(slices.Chunk(xs, 0)) },
	} {
		func() {
			defer func() { fmt.Println(recover()) }()
			f()
		}()
	}
}
