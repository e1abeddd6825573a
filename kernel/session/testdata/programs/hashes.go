// Digests and ciphers: known answers of hashes, HMAC, key derivation, AES in several modes, signatures, and a hash tree.

package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/adler32"
	"hash/crc32"
	"hash/crc64"
	"hash/fnv"
	"io"
	"strings"
)

// sum64 is a hash of our own that fulfils hash.Hash64.
type sum64 uint64

func (s *sum64) Write(p []byte) (int, error) {
	for _, c := range p {
		*s = *s*31 + sum64(c)
	}
	return len(p), nil
}
func (s *sum64) Sum(b []byte) []byte {
	for i := 7; i >= 0; i-- {
		b = append(b, byte(*s>>(8*i)))
	}
	return b
}
func (s *sum64) Reset()         { *s = 0 }
func (s *sum64) Size() int      { return 8 }
func (s *sum64) BlockSize() int { return 1 }
func (s *sum64) Sum64() uint64  { return uint64(*s) }

// tree is Merkle's: a root for many blocks, and a short proof for one of them.
type tree [][][32]byte

func newTree(blocks ...string) (t tree) {
	var level [][32]byte
	for _, b := range blocks {
		level = append(level, sha256.Sum256([]byte("leaf"+b)))
	}
	for {
		t = append(t, level)
		if len(level) == 1 {
			return t
		}
		var next [][32]byte
		for i := 0; i < len(level); i += 2 {
			next = append(next, join(level[i], level[min(i+1, len(level)-1)]))
		}
		level = next
	}
}

func join(a, b [32]byte) [32]byte {
	return sha256.Sum256(append(append([]byte("node"), a[:]...), b[:]...))
}

func (t tree) root() [32]byte { return t[len(t)-1][0] }

func (t tree) proof(i int) (path [][32]byte) {
	for _, level := range t[:len(t)-1] {
		path = append(path, level[min(i^1, len(level)-1)])
		i /= 2
	}
	return path
}

func verify(root [32]byte, block string, i int, path [][32]byte) bool {
	h := sha256.Sum256([]byte("leaf" + block))
	for _, other := range path {
		if i%2 == 0 {
			h = join(h, other)
		} else {
			h = join(other, h)
		}
		i /= 2
	}
	return h == root
}

func pad(b []byte, size int) []byte {
	n := size - len(b)%size
	return append(bytes.Clone(b), bytes.Repeat([]byte{byte(n)}, n)...)
}

var errPadding = errors.New("bad padding")

func unpad(b []byte) ([]byte, error) {
	n := int(b[len(b)-1])
	if n == 0 || n > len(b) || !bytes.Equal(b[len(b)-n:], bytes.Repeat([]byte{byte(n)}, n)) {
		return nil, errPadding
	}
	return b[:len(b)-n], nil
}

// mine looks for a number that makes the digest begin with zeros.
func mine(text string, zeros int) (nonce int, digest string) {
	for want := strings.Repeat("0", zeros); ; nonce++ {
		if digest = fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, text, nonce))); strings.HasPrefix(digest, want) {
			return nonce, digest
		}
	}
}

func main() {
	message := "The quick brown fox jumps over the lazy dog"
	for _, h := range []struct {
		name string
		hash.Hash
	}{
		{"md5", md5.New()}, {"sha1", sha1.New()}, {"sha224", sha256.New224()}, {"sha256", sha256.New()}, {"sha512/256", sha512.New512_256()}, {"sha3", sha3.New256()},
		{"fnv", fnv.New64a()}, {"crc32", crc32.NewIEEE()}, {"castagnoli", crc32.New(crc32.MakeTable(crc32.Castagnoli))}, {"crc64", crc64.New(crc64.MakeTable(crc64.ISO))}, {"adler", adler32.New()}, {"own", new(sum64)},
	} {
		io.Copy(h, strings.NewReader(message[:20]))
		io.WriteString(h, message[20:])
		whole := hex.EncodeToString(h.Sum(nil))
		size, block := h.Size(), h.BlockSize()
		h.Reset()
		empty := h.Sum([]byte{0xee})
		fmt.Println(h.name, whole[:min(16, len(whole))], size, block, len(whole) == 2*size, hex.EncodeToString(empty[:4]))
	}
	fmt.Printf("%x\n", sha512.Sum384([]byte("abc")))
	var h64 hash.Hash64 = new(sum64)
	fmt.Fprint(h64, "ab")
	fmt.Println(h64.Sum64(), crc32.ChecksumIEEE([]byte("123456789")), adler32.Checksum([]byte("Wikipedia")))

	mac := hmac.New(sha256.New, []byte("key"))
	io.WriteString(mac, message)
	tag := mac.Sum(nil)
	fmt.Printf("%x\n", tag)
	fmt.Println(hmac.Equal(tag, tag), hmac.Equal(tag, tag[1:]), subtle.ConstantTimeCompare([]byte("a"), []byte("b")), subtle.ConstantTimeSelect(1, 5, 6))
	key, err := pbkdf2.Key(sha1.New, "password", []byte("salt"), 2, 20)
	fmt.Printf("%x %v\n", key, err)

	block, err := aes.NewCipher([]byte("0123456789abcdef"))
	fmt.Println(block.BlockSize(), err)
	_, err = aes.NewCipher([]byte("short"))
	fmt.Println(err)
	iv := bytes.Repeat([]byte{7}, aes.BlockSize)
	secret := pad([]byte(message), aes.BlockSize)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(secret, secret)
	fmt.Printf("%x...\n", secret[:16])
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(secret, secret)
	plain, err := unpad(secret)
	fmt.Println(string(plain) == message, err)
	_, err = unpad([]byte{1, 2, 3})
	fmt.Println(err)
	stream := cipher.StreamReader{S: cipher.NewCTR(block, iv), R: strings.NewReader(message)}
	hidden, _ := io.ReadAll(stream)
	cipher.NewCTR(block, iv).XORKeyStream(hidden, hidden)
	fmt.Println(string(hidden) == message)
	gcm, _ := cipher.NewGCM(block)
	nonce := make([]byte, gcm.NonceSize())
	sealed := gcm.Seal(nil, nonce, []byte("hello"), []byte("context"))
	opened, err := gcm.Open(nil, nonce, sealed, []byte("context"))
	_, err2 := gcm.Open(nil, nonce, sealed, []byte("other"))
	fmt.Printf("%x %s %v %v %d\n", sealed, opened, err, err2, gcm.Overhead())

	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32))
	public := private.Public().(ed25519.PublicKey)
	signature := ed25519.Sign(private, []byte(message))
	fmt.Printf("%x %t %t\n", signature[:8], ed25519.Verify(public, []byte(message), signature), ed25519.Verify(public, []byte("forged"), signature))

	t := newTree("a", "b", "c", "d", "e")
	root := t.root()
	fmt.Printf("%x %d\n", root[:6], len(t))
	for i, b := range []string{"a", "b", "c", "d", "e"} {
		fmt.Print(verify(root, b, i, t.proof(i)), verify(root, b, i^1, t.proof(i)), " ")
	}
	fmt.Println(newTree("a").root() == sha256.Sum256([]byte("leafa")))
	number, digest := mine("block", 2)
	fmt.Println(number, digest[:8])
}
