package recommend_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/recommend"
)

// fans are users of whom each likes the items of one of four kinds, and now and then
// another; items 0 to 3 are liked by all.
func fans(n int) []data.Rating {
	r := rand.New(rand.NewPCG(1, 2))
	var out []data.Rating
	for user := range n {
		kind := user % 4
		for k := range 12 {
			item := 4 + 10*kind + r.IntN(10)
			switch {
			case k < 2:
				item = r.IntN(4)
			case r.IntN(10) == 0:
				item = 4 + r.IntN(40)
			}
			out = append(out, data.Rating{User: fmt.Sprint("u", user), Item: fmt.Sprint("i", item), Value: 4, Time: int64(k)})
		}
	}
	return out
}

func methods() map[string]recommend.Method {
	return map[string]recommend.Method{
		"popular": recommend.Popular{}, "als": recommend.ALS{Factors: 8, Seed: 1},
		"vae": recommend.VAE{Backend: cpu.Config{}, Hidden: []int{32}, Latent: 8, Batch: 50, Epochs: 60, Seed: 1},
	}
}

func TestMethodsFindWhatUsersLike(t *testing.T) {
	users, err := recommend.New(fans(400), recommend.Options{})
	require.NoError(t, err)
	require.Len(t, users.Names, 400)
	quality := map[string]recommend.Quality{}
	for name, m := range methods() {
		q, err := recommend.Check(context.Background(), m, users, 5)
		require.NoError(t, err, name)
		again, err := recommend.Check(context.Background(), m, users, 5)
		require.NoError(t, err, name)
		require.Equal(t, q, again, name)
		require.Equal(t, 400, q.Users)
		quality[name] = q
	}
	require.Greater(t, quality["als"].NDCG, 1.5*quality["popular"].NDCG, "%v", quality)
	require.Greater(t, quality["vae"].NDCG, 1.5*quality["popular"].NDCG, "%v", quality)
}

func TestTheBestItemsAreNewToTheUser(t *testing.T) {
	users, err := recommend.New(fans(200), recommend.Options{})
	require.NoError(t, err)
	for name, m := range methods() {
		model, err := m.Fit(context.Background(), users)
		require.NoError(t, err, name)
		at, err := users.User("u7")
		require.NoError(t, err)
		best, err := recommend.Best(model, users.Of[at], 6)
		require.NoError(t, err, name)
		require.Len(t, best, 6, name)
		for _, item := range best {
			require.NotContains(t, users.Of[at], item, name)
		}
		new, err := recommend.Best(model, nil, 3) // a user of whom nothing is known
		require.NoError(t, err, name)
		require.Len(t, new, 3, name)
	}
}

func TestRatingsBecomeItemsInTheOrderOfTime(t *testing.T) {
	users, err := recommend.New([]data.Rating{
		{User: "a", Item: "late", Value: 5, Time: 3}, {User: "a", Item: "early", Value: 5, Time: 1}, {User: "a", Item: "bad", Value: 1, Time: 2},
		{User: "b", Item: "late", Value: 4, Time: 1}, {User: "b", Item: "early", Value: 5, Time: 2}, {User: "b", Item: "early", Value: 5, Time: 4},
		{User: "c", Item: "late", Value: 5, Time: 9},
	}, recommend.Options{Rating: 3})
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, users.Names)
	require.Equal(t, []string{"early", "late"}, users.Items)
	require.Equal(t, [][]int{{0, 1}, {1, 0}}, users.Of)
	known, last := users.WithoutLast()
	require.Equal(t, [][]int{{0}, {1}}, known.Of)
	require.Equal(t, []int{1, 0}, last)
}

func TestBadRatingsAndSettingsAreErrors(t *testing.T) {
	users, err := recommend.New(fans(20), recommend.Options{})
	require.NoError(t, err)
	_, err = recommend.New(fans(20), recommend.Options{Rating: 9})
	require.ErrorContains(t, err, "none of 240 ratings is left: lower Rating (9) or Least (2)")
	_, err = recommend.New(nil, recommend.Options{Least: -1})
	require.ErrorContains(t, err, "Least is -1")
	_, err = users.User("nobody")
	require.ErrorContains(t, err, `no user "nobody" among 20`)
	for want, m := range map[string]recommend.Method{
		"no backend":   recommend.VAE{},
		"-1 epochs":    recommend.VAE{Backend: cpu.Config{}, Epochs: -1},
		"-2 factors":   recommend.ALS{Factors: -2},
		"recommend: v": recommend.VAE{Backend: cpu.Config{}, Latent: -3},
	} {
		_, err := m.Fit(context.Background(), users)
		require.ErrorContains(t, err, want)
	}
	for name, m := range methods() {
		model, err := m.Fit(context.Background(), users)
		require.NoError(t, err)
		if name != "popular" {
			_, err = model.Scores([][]int{{len(users.Items)}})
			require.ErrorContains(t, err, "item number", name)
		}
	}
	_, err = recommend.Check(context.Background(), recommend.Popular{}, &recommend.Users{Items: []string{"a"}, Of: [][]int{{0}}}, 5)
	require.ErrorContains(t, err, "no user of 1 has two items")
}

func ExampleBest() {
	users, err := recommend.New([]data.Rating{
		{User: "ann", Item: "tea", Value: 1}, {User: "ann", Item: "cake", Value: 1}, {User: "bob", Item: "tea", Value: 1},
		{User: "bob", Item: "cake", Value: 1}, {User: "eve", Item: "tea", Value: 1}, {User: "eve", Item: "milk", Value: 1}, {User: "bob", Item: "milk", Value: 1},
	}, recommend.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	model, err := recommend.Popular{}.Fit(context.Background(), users)
	if err != nil {
		fmt.Println(err)
		return
	}
	best, err := recommend.Best(model, users.Of[2], 1)
	fmt.Println(users.Names[2], "may want", users.Items[best[0]], err)
	// Output: eve may want cake <nil>
}
