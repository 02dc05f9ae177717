package slack

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
)

// A vault seals tokens with AES-256-GCM. What is sealed reads
//
//	1 | key id, 4 bytes | nonce, 12 bytes | ciphertext and tag
//
// and is bound to what it is and to whose it is, so that no token can be put in
// the place of another workspace's.
type vault struct{ keys []vaultKey } // the first seals, each opens

type vaultKey struct {
	id   [4]byte
	aead cipher.AEAD
	mac  []byte // for states
}

const (
	// keySize is that of an AES-256 key, in bytes.
	keySize     = 32
	sealVersion = 1
)

// What is sealed.
const (
	sealedToken   = "token"
	sealedRefresh = "refresh token"
)

func newVault(keys [][]byte) (vault, error) {
	var v vault
	if len(keys) == 0 {
		return v, errors.New("slack: no encryption key: set slack.encryption_key or SLACK_ENCRYPTION_KEY")
	}
	for _, k := range keys {
		if len(k) != keySize {
			return v, fmt.Errorf("slack: an encryption key has %d bytes: want %d", len(k), keySize)
		}
		block, err := aes.NewCipher(k)
		if err != nil {
			return v, err
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return v, err
		}
		key := vaultKey{aead: aead, mac: derive(k, "newsdesk slack state")}
		copy(key.id[:], derive(k, "newsdesk slack key id"))
		v.keys = append(v.keys, key)
	}
	return v, nil
}

// derive makes another secret of a key, which tells nothing of it.
func derive(key []byte, purpose string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(purpose))
	return m.Sum(nil)
}

// bound is what a sealed text is bound to beside its key.
func bound(what, space string) []byte { return []byte("newsdesk\x00" + what + "\x00" + space) }

func (v vault) seal(what, space, text string) []byte {
	k := v.keys[0]
	out := append([]byte{sealVersion}, k.id[:]...)
	nonce := make([]byte, k.aead.NonceSize())
	rand.Read(nonce)
	return k.aead.Seal(append(out, nonce...), nonce, []byte(text), bound(what, space))
}

// open returns a sealed text; old tells that it was sealed with a key that is
// not the first any more.
func (v vault) open(what, space string, sealed []byte) (text string, old bool, err error) {
	const head = 1 + len(vaultKey{}.id)
	if len(sealed) < head || sealed[0] != sealVersion {
		return "", false, fmt.Errorf("the sealed %s has an unknown form", what)
	}
	for n, k := range v.keys {
		if string(k.id[:]) != string(sealed[1:head]) {
			continue
		}
		rest := sealed[head:]
		if len(rest) < k.aead.NonceSize() {
			return "", false, fmt.Errorf("the sealed %s has an unknown form", what)
		}
		plain, err := k.aead.Open(nil, rest[:k.aead.NonceSize()], rest[k.aead.NonceSize():], bound(what, space))
		if err != nil {
			return "", false, fmt.Errorf("the sealed %s was changed, or is another workspace's", what)
		}
		return string(plain), n > 0, nil
	}
	return "", false, fmt.Errorf("the %s was sealed with the key of id %x, and slack.encryption_key has the id %x", what, sealed[1:head], v.keys[0].id)
}

// signed returns the signature of a text by the first key.
func (v vault) signed(text string) string { return sign(v.keys[0], text) }

func sign(k vaultKey, text string) string { return hex.EncodeToString(derive(k.mac, text)) }

// signature reports whether any of the keys signed a text.
func (v vault) signature(text, signature string) bool {
	ok := false
	for _, k := range v.keys {
		ok = hmac.Equal([]byte(sign(k, text)), []byte(signature)) || ok
	}
	return ok
}
