package redisstore

import (
	"fmt"
	"testing"
)

func TestParseURL(t *testing.T) {
	for _, tt := range []struct{ url, want, addr string }{
		{"redis://localhost:6379/2", "[localhost:6379] db 2 :", "localhost:6379"},
		{"redis://u:p%2F@h", "[h:6379] db 0 u:p/", "h:6379"},
		{"rediss://:p@h:1?db=3", "[h:1] db 3 :p tls", "h:1"},
		{"unix:///run/redis.sock?db=1", "[/run/redis.sock] db 1 :", "/run/redis.sock"},
		{"unix://u:p@/run/redis.sock", "[/run/redis.sock] db 0 u:p", "/run/redis.sock"},
		{"redis+sentinel://:p@a,b:7/main?db=4&sentinel_password=s", "[a:26379 b:7] db 4 :p master main s", "sentinel a:26379,b:7 (master main)"},
		{"rediss+sentinel://a/main", "[a:26379] db 0 : tls master main ", "sentinel a:26379 (master main)"},
		{"redis+cluster://u:p@a,b:7", "[a:6379 b:7] db 0 u:p cluster", "cluster a:6379,b:7"},
		{"redis+cluster://[::1]:7,[::2]/", "[[::1]:7 [::2]:6379] db 0 : cluster", "cluster [::1]:7,[::2]:6379"},
	} {
		o, addr, err := parseURL(tt.url)
		if err != nil {
			t.Errorf("%s: %v", tt.url, err)
			continue
		}
		got := fmt.Sprintf("%v db %d %s:%s", o.Addrs, o.DB, o.Username, o.Password)
		if o.TLSConfig != nil {
			got += " tls"
		}
		if o.MasterName != "" {
			got += " master " + o.MasterName + " " + o.SentinelPassword
		}
		if o.IsClusterMode {
			got += " cluster"
		}
		if got != tt.want || addr != tt.addr || o.MaxRetries != -1 {
			t.Errorf("%s: %q at %q, retries %d; want %q at %q, none", tt.url, got, addr, o.MaxRetries, tt.want, tt.addr)
		}
	}
}
