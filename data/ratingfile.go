// Reading files of ratings, such as those of MovieLens.

package data

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/internal/regular"
)

// A Rating is a user's of an item.
type Rating struct {
	User, Item string
	Value      float64
	Time       int64 // in seconds; 0 if the file has none
}

// OpenRatings reads the file at path. See ReadRatings.
func OpenRatings(path string) ([]Rating, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadRatings(f, path)
}

// ReadRatings reads lines of user, item, rating and, if there is one, time in seconds,
// separated by a tab, "::" or a comma, as in the files u.data, ratings.dat and
// ratings.csv of MovieLens. A first line without a number in the place of the rating is
// a header. Errors have the name and the line.
func ReadRatings(r io.Reader, name string) ([]Rating, error) {
	if r == nil {
		return nil, fmt.Errorf("ratings %s: no reader", name)
	}
	var all []Rating
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" {
			continue
		}
		parts := strings.FieldsFunc(line, func(c rune) bool { return c == '\t' || c == ':' || c == ',' })
		if len(parts) < 3 {
			return nil, fmt.Errorf("ratings %s, line %d: %d values, want user, item and rating, separated by tabs, :: or commas", name, n, len(parts))
		}
		value, err := strconv.ParseFloat(parts[2], 64)
		if err != nil && n == 1 {
			continue
		}
		if err != nil || math.IsNaN(value) || math.IsInf(value, 0) {
			return nil, fmt.Errorf("ratings %s, line %d: the rating %q is not a number", name, n, parts[2])
		}
		rating := Rating{User: parts[0], Item: parts[1], Value: value}
		if len(parts) > 3 {
			seconds, err := strconv.ParseFloat(parts[3], 64)
			if err != nil || !(math.Abs(seconds) < 1<<53) {
				return nil, fmt.Errorf("ratings %s, line %d: the time %q is not a number of seconds", name, n, parts[3])
			}
			rating.Time = int64(seconds)
		}
		all = append(all, rating)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("ratings %s: %w", name, err)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("ratings %s: there are none", name)
	}
	return all, nil
}

// LeaveOneOut is the split of ratings in which one of each user is to be found.
type LeaveOneOut struct {
	// Least is the least number of ratings of a user and of an item. Those with fewer are
	// left out, again and again until there are none. 0 leaves out none.
	Least int
	// Back is the number of each user's last ratings that are left out altogether, so
	// that with 1 the sample of a user is for a validation, and with 0 for a test.
	Back int
}

// Split returns a sample for each user who has two items left, in the order of the
// users' first ratings. The fields, each of shape [items], are "x", 1 for the user's
// items, and "held", 1 for the one rated last, which is 0 in "x". Items are numbered in
// the order of their first rating, whatever Back is. Of equal times the later line is
// the last. What the rating is does not count.
func (l LeaveOneOut) Split(all []Rating) (Set, error) {
	if l.Least < 0 || l.Back < 0 {
		return nil, fmt.Errorf("ratings: Least is %d and Back is %d, want at least 0", l.Least, l.Back)
	}
	kept := RatedAtLeast(all, l.Least)
	items, users := map[string]int{}, map[string]int{}
	var of [][]Rating
	for _, r := range kept {
		if _, ok := items[r.Item]; !ok {
			items[r.Item] = len(items)
		}
		if _, ok := users[r.User]; !ok {
			users[r.User] = len(users)
			of = append(of, nil)
		}
		of[users[r.User]] = append(of[users[r.User]], r)
	}
	n := len(items)
	if len(of) > 0 && n > maxVolume/len(of) {
		return nil, fmt.Errorf("ratings: %d users and %d items are too many for one set in memory: raise Least", len(of), n)
	}
	x, held := Array{Name: "x", Shape: []int{n}}, Array{Name: "held", Shape: []int{n}}
	for _, ratings := range of {
		slices.SortStableFunc(ratings, func(a, b Rating) int { return cmp.Compare(a.Time, b.Time) })
		if l.Back >= len(ratings) {
			continue
		}
		ratings = ratings[:len(ratings)-l.Back]
		seen, last := make([]float32, n), make([]float32, n)
		for _, r := range ratings {
			seen[items[r.Item]] = 1
		}
		at := items[ratings[len(ratings)-1].Item]
		seen[at], last[at] = 0, 1
		if !slices.Contains(seen, 1) {
			continue
		}
		x.Values, held.Values = append(x.Values, seen...), append(held.Values, last...)
	}
	if len(x.Values) == 0 {
		return nil, fmt.Errorf("ratings: no user has two items, of %d ratings, of which Least leaves %d", len(all), len(kept))
	}
	return InMemory(x, held)
}

// RatedAtLeast returns the ratings without users and items that have fewer than least,
// again and again until there are none.
func RatedAtLeast(all []Rating, least int) []Rating {
	for {
		users, items := map[string]int{}, map[string]int{}
		for _, r := range all {
			users[r.User]++
			items[r.Item]++
		}
		kept := make([]Rating, 0, len(all))
		for _, r := range all {
			if users[r.User] >= least && items[r.Item] >= least {
				kept = append(kept, r)
			}
		}
		if len(kept) == len(all) {
			return kept
		}
		all = kept
	}
}
