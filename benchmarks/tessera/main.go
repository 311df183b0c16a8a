// Appends the entries of a file to a Tessera POSIX log, after one Ed25519 check for each.
//
// Arguments: the log's folder, which must be empty, and the public key in hexadecimal digits. Each
// line read names a JSON file of entries and how many callers append them, each waiting for its
// entry's index before the next; 0 appends all of them at once. Answers each line with the
// microseconds for an entry.
package main

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

const (
	batchSize = 1000
	batchAge  = 2 * time.Millisecond
)

type entry struct {
	Signed    []byte `json:"signed"`
	Signature []byte `json:"signature"`
	Entry     []byte `json:"entry"`
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func openLog(ctx context.Context, folder string) *tessera.Appender {
	secret, _, err := note.GenerateKey(rand.Reader, "ledger.example/bench")
	signer := must(note.NewSigner(must(secret, err)))
	driver := must(posix.New(ctx, posix.Config{Path: folder}))
	options := tessera.NewAppendOptions().
		WithCheckpointSigner(signer).
		WithCheckpointInterval(time.Second).
		WithBatching(batchSize, batchAge)
	appender, _, _, err := tessera.NewAppender(ctx, driver, options)
	return must(appender, err)
}

// share has every worker take the entries in turn.
func share(entries []entry, workers int, work func(entry)) {
	var group sync.WaitGroup
	for first := range workers {
		group.Add(1)
		go func() {
			defer group.Done()
			for index := first; index < len(entries); index += workers {
				work(entries[index])
			}
		}()
	}
	group.Wait()
}

func check(key ed25519.PublicKey, item entry) {
	if !ed25519.Verify(key, item.Signed, item.Signature) {
		fmt.Fprintln(os.Stderr, "a signature is wrong")
		os.Exit(1)
	}
}

func appendAll(ctx context.Context, log *tessera.Appender, key ed25519.PublicKey, entries []entry) {
	share(entries, runtime.GOMAXPROCS(0), func(item entry) { check(key, item) })
	futures := make([]tessera.IndexFuture, len(entries))
	for index, item := range entries {
		futures[index] = log.Add(ctx, tessera.NewEntry(item.Entry))
	}
	for _, future := range futures {
		must(future())
	}
}

func appendWaiting(
	ctx context.Context, log *tessera.Appender, key ed25519.PublicKey, entries []entry, callers int,
) {
	share(entries, callers, func(item entry) {
		check(key, item)
		must(log.Add(ctx, tessera.NewEntry(item.Entry))())
	})
}

func main() {
	ctx := context.Background()
	log := openLog(ctx, os.Args[1])
	key := ed25519.PublicKey(must(hex.DecodeString(os.Args[2])))
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var path string
		var callers int
		must(fmt.Sscan(lines.Text(), &path, &callers))
		var entries []entry
		err := json.Unmarshal(must(os.ReadFile(path)), &entries)
		must(entries, err)
		start := time.Now()
		if callers == 0 {
			appendAll(ctx, log, key, entries)
		} else {
			appendWaiting(ctx, log, key, entries, callers)
		}
		fmt.Println(float64(time.Since(start).Microseconds()) / float64(len(entries)))
	}
}
