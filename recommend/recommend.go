// Package recommend finds the items that a user may want next, from what users have had.
//
//	ratings, err := data.OpenRatings("ratings.csv")
//	users, err := recommend.New(ratings, recommend.Options{})
//	model, err := recommend.VAE{Backend: cpu.Config{}}.Fit(ctx, users)
//	best, err := recommend.Best(model, users.Of[0], 10)    // numbers of users.Items
//
// Methods are Popular, what most users have; ALS, the factors of a matrix of users and
// items; and VAE, a variational autoencoder of a user's items. Only whether a user has an
// item counts, not how it was rated: leave out low ratings by Options.Rating.
package recommend

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/metrics"
)

// Method fits a Model to what users have.
type Method interface {
	Fit(ctx context.Context, u *Users) (Model, error)
}

// Model scores items.
type Model interface {
	// Scores returns, for each of some users, a score of every item, which is greater for
	// items that the user is more likely to want. A user is the numbers of the items that
	// they have, who need not be among those that were fitted.
	Scores(of [][]int) ([][]float64, error)
}

// Users are what users have.
type Users struct {
	// Names are those of the users, and Items of the items, in the order of their first
	// ratings.
	Names, Items []string
	// Of are the items of each user, by their numbers, in the order of time.
	Of [][]int
}

// Options choose the ratings that count.
type Options struct {
	// Rating is the least rating of an item that a user has; 0 means that all count.
	Rating float64
	// Least is the least number of items of a user, and of users of an item. Those with
	// fewer are left out. 0 means 2.
	Least int
}

// New collects the items of each user.
func New(ratings []data.Rating, o Options) (*Users, error) {
	if o.Least < 0 {
		return nil, fmt.Errorf("recommend: Least is %d, want at least 0", o.Least)
	}
	kept := slices.DeleteFunc(slices.Clone(ratings), func(r data.Rating) bool { return o.Rating != 0 && r.Value < o.Rating })
	kept = data.RatedAtLeast(kept, cmp.Or(o.Least, 2))
	if len(kept) == 0 {
		return nil, fmt.Errorf("recommend: none of %d ratings is left: lower Rating (%g) or Least (%d)", len(ratings), o.Rating, cmp.Or(o.Least, 2))
	}
	slices.SortStableFunc(kept, func(a, b data.Rating) int { return cmp.Compare(a.Time, b.Time) })
	u := &Users{}
	users, items := map[string]int{}, map[string]int{}
	for _, r := range kept {
		at, known := users[r.User]
		if !known {
			at = len(u.Names)
			users[r.User] = at
			u.Names, u.Of = append(u.Names, r.User), append(u.Of, nil)
		}
		item, known := items[r.Item]
		if !known {
			item = len(u.Items)
			items[r.Item] = item
			u.Items = append(u.Items, r.Item)
		}
		if !slices.Contains(u.Of[at], item) {
			u.Of[at] = append(u.Of[at], item)
		}
	}
	return u, nil
}

// User returns the number of a user by name.
func (u *Users) User(name string) (int, error) {
	at := slices.Index(u.Names, name)
	if at < 0 {
		return 0, fmt.Errorf("recommend: there is no user %q among %d: users with few items are left out", name, len(u.Names))
	}
	return at, nil
}

// WithoutLast returns the users without the last item of each who has two or more, and
// these items, one for each user, or -1.
func (u *Users) WithoutLast() (*Users, []int) {
	out, last := &Users{Names: u.Names, Items: u.Items}, make([]int, len(u.Of))
	for i, of := range u.Of {
		last[i] = -1
		if n := len(of) - 1; n > 0 {
			last[i], of = of[n], of[:n:n]
		}
		out.Of = append(out.Of, of)
	}
	return out, last
}

// Best are the n items with the greatest scores that a user does not have, the best
// first.
func Best(m Model, has []int, n int) ([]int, error) {
	scores, err := m.Scores([][]int{has})
	if err != nil {
		return nil, err
	}
	return metrics.Top(scores[0], has, n), nil
}

// Quality is how well a method finds each user's last item from the others.
type Quality struct {
	Users  int     `json:"users"`
	NDCG   float64 `json:"ndcg"`   // at K
	Recall float64 `json:"recall"` // at K: the share of users whose item is among the best K
	K      int     `json:"k"`
}

// Check fits a method to all but each user's last item, and measures how well it finds
// that among the items that the user does not have.
func Check(ctx context.Context, m Method, u *Users, k int) (Quality, error) {
	known, last := u.WithoutLast()
	model, err := m.Fit(ctx, known)
	if err != nil {
		return Quality{}, err
	}
	q := Quality{K: k}
	const part = 500
	for from := 0; from < len(known.Of); from += part {
		of := known.Of[from:min(from+part, len(known.Of))]
		scores, err := model.Scores(of)
		if err != nil {
			return Quality{}, err
		}
		for i, s := range scores {
			if last[from+i] < 0 {
				continue
			}
			top, want := metrics.Top(s, of[i], k), []int{last[from+i]}
			q.NDCG += metrics.NDCG(top, want, k)
			q.Recall += metrics.Recall(top, want, k)
			q.Users++
		}
	}
	if q.Users == 0 {
		return Quality{}, fmt.Errorf("recommend: no user of %d has two items", len(u.Of))
	}
	q.NDCG /= float64(q.Users)
	q.Recall /= float64(q.Users)
	return q, nil
}

// inRange returns an error if an item of a user is not one of n.
func inRange(of [][]int, n int) error {
	for i, items := range of {
		for _, item := range items {
			if item < 0 || item >= n {
				return fmt.Errorf("recommend: user %d has the item number %d of %d", i, item, n)
			}
		}
	}
	return nil
}
