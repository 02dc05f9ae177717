package bot

import (
	"context"
	"sync"
)

// Step claims once, delivers what it got and returns how many that were.
func (d *Deliverer) Step(ctx context.Context) (int, error) {
	claimed, err := d.Store.Claim(ctx, AllShards, d.Lease, d.Workers)
	if err != nil {
		return 0, err
	}
	var wg sync.WaitGroup
	for _, c := range claimed {
		wg.Go(func() { d.finish(ctx, c) })
	}
	wg.Wait()
	return len(claimed), nil
}
