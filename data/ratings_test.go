package data

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUsersSeeWhatTheyPrefer(t *testing.T) {
	set, err := NewRatings(RatingsOptions{Users: 300, Items: 200, Seed: 4})
	require.NoError(t, err)
	var ofSeen, ofAll, count float64 // preferences
	for i := range set.Len() {
		user := read(t, set, i)
		seen, held := 0, 0
		for j, x := range user[0] {
			require.Zero(t, x*user[1][j], "an item is both seen and held out")
			seen, held = seen+int(x), held+int(user[1][j])
			ofAll += float64(user[2][j]) / 200
			ofSeen += float64(x * user[2][j])
		}
		count += float64(seen)
		require.GreaterOrEqual(t, seen+held, 10)
		require.LessOrEqual(t, seen+held, 50)
		require.Equal(t, (seen+held)/5, held)
	}
	require.Greater(t, ofSeen/count, ofAll/300+2)
}

// Without taste the most popular item of all is the most seen.
func TestWithoutTasteAllPreferTheSame(t *testing.T) {
	set, err := NewRatings(RatingsOptions{Users: 2, Taste: new(0.0)})
	require.NoError(t, err)
	require.Equal(t, read(t, set, 0)[2], read(t, set, 1)[2])
}

func TestAUserDependsOnItsNumberOnly(t *testing.T) {
	few, err := NewRatings(RatingsOptions{Users: 3, Seed: 1})
	require.NoError(t, err)
	many, err := NewRatings(RatingsOptions{Users: 30, Seed: 1})
	require.NoError(t, err)
	other, err := NewRatings(RatingsOptions{Users: 3, Seed: 2})
	require.NoError(t, err)
	require.Equal(t, read(t, few, 2), read(t, many, 2))
	require.NotEqual(t, read(t, few, 2), read(t, other, 2))
	require.NotEqual(t, read(t, few, 1), read(t, few, 2))
}

func TestFilesOfRatingsHaveTheirSeparators(t *testing.T) {
	want := []Rating{{"1", "10", 4, 100}, {"1", "11", 3.5, 99}, {"2", "10", 1, 50}}
	for _, text := range []string{
		"1\t10\t4\t100\n1\t11\t3.5\t99\n2\t10\t1\t50\n",
		"1::10::4::100\r\n1::11::3.5::99\r\n\r\n2::10::1::50",
		"userId,movieId,rating,timestamp\n1,10,4.0,100\n1,11,3.5,99\n2,10,1,50\n",
	} {
		got, err := ReadRatings(strings.NewReader(text), "u.data")
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestTheLastRatingIsLeftOut(t *testing.T) {
	all := []Rating{{"b", "x", 1, 5}, {"a", "y", 1, 9}, {"b", "y", 5, 3}, {"a", "x", 2, 9}, {"c", "z", 1, 1}, {"b", "z", 1, 4}}
	set, err := LeaveOneOut{}.Split(all)
	require.NoError(t, err)
	require.Equal(t, 2, set.Len(), "c has one item only")
	require.Equal(t, [][]float32{{0, 1, 1}, {1, 0, 0}}, read(t, set, 0))
	require.Equal(t, [][]float32{{0, 1, 0}, {1, 0, 0}}, read(t, set, 1))

	set, err = LeaveOneOut{Back: 1}.Split(all)
	require.NoError(t, err)
	require.Equal(t, 1, set.Len())
	require.Equal(t, [][]float32{{0, 1, 0}, {0, 0, 1}}, read(t, set, 0))

	set, err = LeaveOneOut{Least: 2}.Split(all)
	require.NoError(t, err)
	require.Equal(t, [][]float32{{0, 1}, {1, 0}}, read(t, set, 0), "without c, z has one rating only")
}

func TestWrongRatingsAreErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                      "ratings f: there are none",
		"1\t2\n":                "ratings f, line 1: 2 values, want user, item and rating",
		"1\t2\t3\n1\t2\tgood\n": `ratings f, line 2: the rating "good" is not a number`,
		"1,2,3\n1,2,NaN\n":      `ratings f, line 2: the rating "NaN" is not a number`,
		"1\t2\t3\t1e300\n":      `ratings f, line 1: the time "1e300" is not a number of seconds`,
		"1\t2\t3\tyesterday\n":  `ratings f, line 1: the time "yesterday" is not a number of seconds`,
	} {
		_, err := ReadRatings(strings.NewReader(text), "f")
		require.ErrorContains(t, err, want)
	}
	_, err := OpenRatings("no/such/file")
	require.Error(t, err)
	_, err = LeaveOneOut{}.Split([]Rating{{User: "a", Item: "x"}})
	require.ErrorContains(t, err, "no user has two items, of 1 ratings")
	_, err = LeaveOneOut{Back: -1}.Split(nil)
	require.ErrorContains(t, err, "Back is -1, want at least 0")
	for want, o := range map[string]RatingsOptions{
		"want at least 1, 20 and 1": {Items: 19},
		"-1 users":                  {Users: -1},
		"Taste is NaN":              {Taste: new(math.NaN())},
		"are too many":              {Items: 1 << 40, Factors: 1 << 30},
	} {
		_, err := NewRatings(o)
		require.ErrorContains(t, err, want)
	}
}

func FuzzRatings(f *testing.F) {
	for _, seed := range []string{"", "1\t10\t4\t100\n", "1::10::4::100\r\n", "a,b,c\n1,2,3\n", "1,2\n", ",,,\n", "1,2,1e999\n", "u,i,1,-5\nu,j,1,1e15\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		all, err := ReadRatings(bytes.NewReader(text), "f")
		if err != nil {
			require.ErrorContains(t, err, "ratings f")
			return
		}
		require.NotEmpty(t, all)
		for _, l := range []LeaveOneOut{{}, {Least: 2}, {Back: 1}} {
			if set, err := l.Split(all); err == nil {
				sample := read(t, set, 0)
				require.Contains(t, sample[0], float32(1))
				require.Contains(t, sample[1], float32(1))
			}
		}
	})
}
