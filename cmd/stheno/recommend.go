package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/recipe"
	"github.com/stheno-ml/stheno/recommend"
)

// recommenders are the values of --method.
var recommenders = []string{"vae", "als", "popular"}

// recommendation are the flags of recommend.
type recommendation struct {
	user, method string
	n, epochs    int
	rating       float64
	seed         uint64
	check        bool
	o            recipe.OpenOptions
}

func (a *app) recommend() *cobra.Command {
	var f recommendation
	c := &cobra.Command{
		Use:   "recommend RATINGS --user USER",
		Short: "Find the items that a user may want next",
		Long: `Find the items that a user may want next, from a file of ratings.

A line of the file has user, item, rating and, if there is one, the time in seconds,
separated by tabs, :: or commas, as in the files of MovieLens. Methods:

  vae      a variational autoencoder of a user's items (Mult-VAE)
  als      factors of users and items, by alternating least squares
  popular  what most users have

Users and items with fewer than two ratings are left out, and ratings below --rating.
With --check each user's last item is hidden first, and all methods say how well they
find it: nDCG@100, and the share of users whose item is among the first 100.`,
		Example: `stheno recommend ratings.csv --user u3 --epochs 5
stheno recommend ratings.csv --user u3 -n 3 --method als
stheno recommend ratings.csv --check --epochs 5`,
		Args: cobra.ExactArgs(1),
	}
	c.Flags().StringVar(&f.user, "user", "", "name of the user, as in the file")
	c.Flags().StringVar(&f.method, "method", recommenders[0], strings.Join(recommenders, ", "))
	c.Flags().IntVarP(&f.n, "number", "n", 10, "number of items")
	c.Flags().IntVar(&f.epochs, "epochs", 0, "epochs to train the autoencoder (default 100)")
	c.Flags().Float64Var(&f.rating, "rating", 0, "the least rating of an item that a user likes (default all count)")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "seed of all random numbers")
	c.Flags().BoolVar(&f.check, "check", false, "measure how well the methods find each user's last item")
	backendFlags(c, &f.o)
	c.RunE = func(c *cobra.Command, args []string) error { return a.recommendItems(c.Context(), args[0], f) }
	return c
}

// recommended is the result of recommend.
type recommended struct {
	Users   int                          `json:"users"`
	Items   int                          `json:"items"`
	User    string                       `json:"user,omitempty"`
	Best    []string                     `json:"best,omitempty"`
	Quality map[string]recommend.Quality `json:"quality,omitempty"`
}

func (a *app) recommendItems(ctx context.Context, path string, f recommendation) error {
	if f.user == "" && !f.check {
		return usage{errors.New("no user: name one with --user, or measure the methods with --check")}
	}
	if f.n < 1 {
		return usage{fmt.Errorf("-n %d: want at least 1", f.n)}
	}
	methods, err := a.recommenders(f)
	if err != nil {
		return err
	}
	method, known := methods[f.method]
	if !known {
		return usage{recipe.Nearest("method", f.method, recommenders)}
	}
	ratings, err := data.OpenRatings(path)
	if err != nil {
		return err
	}
	users, err := recommend.New(ratings, recommend.Options{Rating: f.rating})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	done := recommended{Users: len(users.Names), Items: len(users.Items), User: f.user}
	if f.check {
		done.Quality = map[string]recommend.Quality{}
		for _, name := range recommenders {
			if done.Quality[name], err = recommend.Check(ctx, methods[name], users, 100); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
	}
	if f.user != "" {
		at, err := users.User(f.user)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		model, err := method.Fit(ctx, users)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		best, err := recommend.Best(model, users.Of[at], f.n)
		if err != nil {
			return err
		}
		for _, item := range best {
			done.Best = append(done.Best, users.Items[item])
		}
	}
	return a.result(done, func(w io.Writer) error {
		fmt.Fprintf(w, "%d users, %d items\n", done.Users, done.Items)
		for _, name := range sorted(done.Quality) {
			q := done.Quality[name]
			fmt.Fprintf(w, "%s finds the last item of %d users: nDCG@%d %.4f, Recall@%d %.4f\n", name, q.Users, q.K, q.NDCG, q.K, q.Recall)
		}
		for i, item := range done.Best {
			fmt.Fprintf(w, "%d. %s\n", i+1, item)
		}
		return nil
	})
}

func (a *app) recommenders(f recommendation) (map[string]recommend.Method, error) {
	on, err := f.o.BackendOf()
	if err != nil {
		return nil, err
	}
	return map[string]recommend.Method{
		"vae":     recommend.VAE{Backend: on, Epochs: f.epochs, Seed: f.seed, Progress: a.progress()},
		"als":     recommend.ALS{Seed: f.seed},
		"popular": recommend.Popular{},
	}, nil
}
