package embed_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/internal/embed"
	"github.com/mcp-notion/mcp-notion/internal/embed/embedtest"
)

func TestOrder(t *testing.T) {
	t.Parallel()
	passages := []string{"apples", strings.Repeat("pears ", 1000), "plums"}
	for name, c := range map[string]struct {
		says string
		want []int
		bad  bool
	}{
		"numbers":        {says: "[3,1]", want: []int{2, 0}},
		"in words":       {says: "Passage [2] is off. ```json\n[ 3, 2,\n1 ]\n```", want: []int{2, 1, 0}},
		"none":           {says: "[]"},
		"prose":          {says: "I would take the third.", bad: true},
		"not there":      {says: "[1,4]", bad: true},
		"zero":           {says: "[0]", bad: true},
		"larger than an": {says: "[99999999999999999999]", bad: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := embedtest.New(t)
			e.Set(embedtest.Behavior{Instead: func(w http.ResponseWriter, r *http.Request) {
				var in struct{ Messages []struct{ Content string } }
				if err := json.NewDecoder(r.Body).Decode(&in); err != nil || len(in.Messages) != 2 || len(in.Messages[1].Content) > 2500 || !strings.Contains(in.Messages[1].Content, "[3]\nplums") {
					t.Errorf("asked %+v, %v", in, err)
				}
				_ = json.NewEncoder(w).Encode(map[string]any{"choices": []any{map[string]any{"message": map[string]string{"role": "assistant", "content": c.says}}}})
			}})
			r, err := embed.NewReranker(embed.Config{URL: e.URL, Model: "judge"})
			if err != nil {
				t.Fatal(err)
			}
			got, err := r.Order(t.Context(), "which is purple", passages)
			var failed *embed.Error
			if errors.As(err, &failed) != c.bad {
				t.Errorf("error %v", err)
			}
			if diff := cmp.Diff(fmt.Sprint(c.want), fmt.Sprint(got)); diff != "" {
				t.Errorf("order (-want +got):\n%s", diff)
			}
		})
	}
}
