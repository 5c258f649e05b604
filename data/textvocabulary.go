// Vocabularies: the numbers of tokens.

package data

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// The numbers of the tokens that every Vocabulary has.
const (
	EndToken     = 0 // ends a text, and fills the steps after it
	UnknownToken = 1 // stands for any token that is not in the vocabulary
)

// Unknown is the token that Vocabulary.Tokens has for UnknownToken, and for numbers without a token.
const Unknown = "\uFFFD"

var errNoVocabulary = errors.New("no vocabulary: create it with NewVocabulary")

// A Vocabulary numbers tokens from 2 on; see EndToken and UnknownToken. As JSON it is the list of the tokens.
type Vocabulary struct {
	tokens  []string
	numbers map[string]int
}

// NewVocabulary returns the vocabulary of the tokens that occur at least least times in the texts, in the order of their
// bytes. All do if least is below 2.
func NewVocabulary(texts [][]string, least int) *Vocabulary {
	count := map[string]int{}
	for _, t := range texts {
		for _, token := range t {
			count[token]++
		}
	}
	maps.DeleteFunc(count, func(_ string, n int) bool { return n < least })
	return vocabularyOf(slices.Sorted(maps.Keys(count)))
}

func vocabularyOf(tokens []string) *Vocabulary {
	v := &Vocabulary{tokens: tokens, numbers: make(map[string]int, len(tokens))}
	for i, token := range tokens {
		v.numbers[token] = i + UnknownToken + 1
	}
	return v
}

// Size is the number of tokens, EndToken and UnknownToken included.
func (v *Vocabulary) Size() int {
	if v == nil {
		return UnknownToken + 1
	}
	return len(v.tokens) + UnknownToken + 1
}

// Number returns the number of a token; UnknownToken if the vocabulary does not have it.
func (v *Vocabulary) Number(token string) int {
	if v != nil {
		if n, ok := v.numbers[token]; ok {
			return n
		}
	}
	return UnknownToken
}

// Tokens returns the tokens of the numbers before the first EndToken. A number without a token gives Unknown.
func (v *Vocabulary) Tokens(numbers []int) []string {
	var tokens []string
	for _, n := range numbers {
		if n == EndToken {
			break
		}
		token := Unknown
		if i := n - UnknownToken - 1; v != nil && i >= 0 && i < len(v.tokens) {
			token = v.tokens[i]
		}
		tokens = append(tokens, token)
	}
	return tokens
}

// MarshalJSON writes the list of the tokens.
func (v *Vocabulary) MarshalJSON() ([]byte, error) {
	if v == nil {
		return nil, errNoVocabulary
	}
	return json.Marshal(v.tokens)
}

// UnmarshalJSON reads the list of the tokens, in which none may repeat.
func (v *Vocabulary) UnmarshalJSON(text []byte) error {
	if v == nil {
		return errNoVocabulary
	}
	var tokens []string
	if err := json.Unmarshal(text, &tokens); err != nil {
		return fmt.Errorf("vocabulary: %w", err)
	}
	read := vocabularyOf(tokens)
	if len(read.numbers) < len(tokens) {
		return errors.New("vocabulary: a token is in the list twice")
	}
	*v = *read
	return nil
}
