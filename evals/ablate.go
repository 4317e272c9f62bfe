package evals

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/evals/ablation"
)

func (o Options) checkAblation() error {
	if len(o.Sets) == 0 {
		return fmt.Errorf("%w: corpora are needed to measure the parts of the ranking on", ErrUsage)
	}
	var names []string
	for _, p := range ablation.Parts() {
		names = append(names, p.Name)
	}
	for _, name := range o.Without {
		if !slices.Contains(names, name) {
			return fmt.Errorf("%w: there is no part %q; there are %s", ErrUsage, name, strings.Join(names, ", "))
		}
	}
	return nil
}

// ablate measures what each part of the ranking is worth.
func (o Options) ablate(ctx context.Context, out, progress io.Writer) error {
	tell := Config{Progress: progress}.tell
	t, err := ablation.Run(ctx, ablation.Config{Sets: o.Sets, Without: o.Without, Progress: tell})
	if err != nil {
		return err
	}
	encode := func(w io.Writer) error { return json.NewEncoder(w).Encode(t) }
	if o.JSON == "-" {
		return encode(out)
	}
	if err := t.Write(out); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	if o.JSON != "" {
		return toFile(o.JSON, encode)
	}
	return nil
}
