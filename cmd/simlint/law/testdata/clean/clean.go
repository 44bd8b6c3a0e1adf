package clean // want package:"[^t] deterministic"

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"container/heap"
	"encoding/base64"
	"encoding/binary"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"hash/crc64"
	"hash/fnv"
	"crypto/sha256"
	"io"
	"iter"
	"maps"
	"math"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"
)

type h []int
func (x h) Len() int { return len(x) }
func (x h) Less(i, j int) bool { return x[i] < x[j] }
func (x h) Swap(i, j int) { x[i], x[j] = x[j], x[i] }
func (x *h) Push(v any) { *x = append(*x, v.(int)) }
func (x *h) Pop() any { return 0 }

func F(r io.Reader, w io.Writer, m map[string]int) error {
	br := bufio.NewReader(r)
	br.ReadString('\n')
	bw := bufio.NewWriter(w); bw.WriteString("x"); bw.Flush()
	sc := bufio.NewScanner(r); sc.Scan(); sc.Text()
	var bb bytes.Buffer
	bb.WriteString("a"); bb.Bytes(); bytes.Equal(nil, nil); bytes.Compare(nil, nil)
	zr, _ := gzip.NewReader(r); io.ReadAll(zr); zr.Close()
	zw := gzip.NewWriter(w); zw.Write(nil); zw.Close()
	zlib.NewReader(r)
	x := &h{}
	heap.Init(x); heap.Push(x, 1); heap.Pop(x)
	base64.StdEncoding.EncodeToString(nil)
	binary.LittleEndian.PutUint64(nil, 1); binary.Read(r, binary.LittleEndian, nil); binary.Write(w, binary.LittleEndian, 1); binary.AppendUvarint(nil, 1); binary.Uvarint(nil); binary.Append(nil, binary.LittleEndian, 1)
	csv.NewReader(r).Read(); csv.NewWriter(w).Write(nil)
	hex.EncodeToString(nil); hex.DecodeString("")
	json.Marshal(1); json.Unmarshal(nil, nil); json.NewDecoder(r).Decode(nil); json.NewEncoder(w).Encode(1)
	errors.New("x"); errors.Is(nil, nil); errors.As(nil, new(error)); errors.Join(nil); errors.Unwrap(nil)
	fmt.Errorf("x"); fmt.Sprintf("x"); fmt.Sprint(1); fmt.Fprintf(w, "x"); fmt.Fprintln(w); fmt.Fprint(w); fmt.Appendf(nil, "x"); fmt.Sscanf("", ""); fmt.Sscan(""); fmt.Sprintln()
	
	crc32.Checksum(nil, crc32.MakeTable(crc32.Castagnoli)); crc32.Update(0, nil, nil); crc32.ChecksumIEEE(nil); crc64.Checksum(nil, crc64.MakeTable(crc64.ISO))
	fnv.New64a().Write(nil); sha256.Sum256(nil); sha256.New().Sum(nil)
	io.ReadFull(r, nil); io.Copy(w, r); io.WriteString(w, ""); io.ReadAll(r); io.MultiWriter(w); io.NewSectionReader(nil, 0, 0)
	next, stop := iter.Pull(func(yield func(int) bool) {}); next(); stop()
	maps.Clone(m); maps.Copy(m, m); maps.Equal(m, m)
	slices.Sorted(maps.Keys(m))
	math.Sqrt(1); math.Floor(1); math.FMA(1, 1, 1); math.Mod(1, 2); math.Pow10(3); math.Round(2)
	b := big.NewInt(1); b.Add(b, b); b.Mul(b, b); b.Quo(b, b); b.String(); b.SetString("1", 10); b.Cmp(b); b.Text(10); b.Exp(b, b, nil); b.QuoRem(b, b, b); b.Append(nil, 10)
	rt := big.NewRat(1, 1); rt.SetFloat64(1); rt.Float64(); rt.FloatString(2); rt.SetString("1")
	bf := new(big.Float); bf.SetFloat64(1); bf.Add(bf, bf); bf.Float64(); bf.Text('g', 1); bf.Quo(bf, bf); bf.Parse("", 10)
	fmt.Fscan(r); b.Sqrt(b)
	bits.Len64(1); bits.Mul64(1, 1)
	rg := rand.New(rand.NewPCG(1, 2)); rg.IntN(3); rg.Float64(); rg.Perm(3); rg.Shuffle(3, nil); rg.Uint64N(3); rand.NewPCG(1,2).MarshalBinary(); rand.NewChaCha8([32]byte{})
			reflect.TypeOf(1).String(); reflect.ValueOf(1).Int(); reflect.DeepEqual(1, 1); reflect.TypeFor[int]()
	regexp.MustCompile("x").MatchString("x")
	slices.Sort([]int{}); slices.SortFunc([]int{}, nil); slices.BinarySearch([]int{}, 1); slices.Reverse([]int{}); slices.Contains([]int{}, 1); slices.Compact([]int{}); slices.Collect(slices.Values([]int{}))
	sort.Slice([]int{}, nil); sort.Search(1, nil); sort.Strings(nil); sort.Sort(x); sort.SliceStable(nil, nil)
	strconv.Itoa(1); strconv.ParseFloat("1", 64); strconv.AppendFloat(nil, 1, 'g', -1, 64); strconv.ParseInt("1", 10, 64); strconv.Quote(""); strconv.Unquote("")
	strings.Split("", ""); strings.NewReader(""); strings.Fields(""); strings.ToLower(""); strings.NewReplacer("a", "b").Replace("x"); strings.Map(nil, ""); strings.EqualFold("", ""); strings.Title("")
	var sb strings.Builder; sb.WriteString("x")
	tabwriter.NewWriter(w, 0, 0, 0, ' ', 0).Flush()
		time.UnixMicro(1).UTC().Format(time.RFC3339); time.Parse("", ""); time.ParseDuration(""); time.Duration(1).String(); time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro(); time.Duration(1).Seconds(); time.Time{}.Add(1).String(); time.Time{}.MarshalJSON(); time.FixedZone("x", 1); time.ParseInLocation("", "", time.UTC)
		utf8.ValidString("")
		return nil
}
