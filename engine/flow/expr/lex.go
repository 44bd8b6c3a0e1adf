package expr

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokenEnd    tokenKind = iota
	tokenWord             // a name
	tokenKey              // a keyword, in lower case
	tokenNumber           // text as written
	tokenString           // text without its quotes
	tokenSymbol           // an operator or punctuation
)

type token struct {
	kind   tokenKind
	text   string
	at     int  // byte offset
	quoted bool // a word in backquotes: never a function
}

// describe names the token in a message.
func (t token) describe() string {
	switch t.kind {
	case tokenEnd:
		return "the end"
	case tokenString:
		return "a string"
	}
	return "\"" + t.text + "\""
}

var keywords = []string{"and", "or", "not", "in", "is", "null", "true", "false", "where"}

// keyword is the keyword that a word is, whatever its case, or "".
func keyword(word string) string {
	for _, k := range keywords {
		if strings.EqualFold(k, word) {
			return k
		}
	}
	return ""
}

// symbols, longer before shorter, with their canonical spelling.
var symbols = [...][2]string{
	{"||", "or"},
	{"&&", "and"},
	{"==", "="},
	{"!=", "!="},
	{"<>", "!="},
	{"<=", "<="},
	{">=", ">="},
	{"=", "="},
	{"<", "<"},
	{">", ">"},
	{"+", "+"},
	{"-", "-"},
	{"*", "*"},
	{"/", "/"},
	{"%", "%"},
	{"!", "!"},
	{"(", "("},
	{")", ")"},
	{",", ","},
}

func isWordStart(r rune) bool { return r == '_' || unicode.IsLetter(r) }

func isWordPart(r rune) bool { return isWordStart(r) || unicode.IsDigit(r) || r == '.' }

// isWord tells whether a name can stand without backquotes.
func isWord(s string) bool {
	for i, r := range s {
		if r == utf8.RuneError || i == 0 && !isWordStart(r) || !isWordPart(r) {
			return false
		}
	}
	return s != ""
}

// lex reads the token at or behind offset at, and where the next may begin.
func lex(src string, at int) (token, int, *Error) {
	for at < len(src) && strings.IndexByte(" \t\r\n", src[at]) >= 0 {
		at++
	}
	if at == len(src) {
		return token{kind: tokenEnd, at: at}, at, nil
	}
	switch c := src[at]; {
	case c == '\'' || c == '"' || c == '`':
		return lexQuoted(src, at)
	case c >= '0' && c <= '9' || c == '.':
		return lexNumber(src, at)
	}
	if r, _ := utf8.DecodeRuneInString(src[at:]); isWordStart(r) && r != utf8.RuneError {
		end := at
		for end < len(src) {
			r, n := utf8.DecodeRuneInString(src[end:])
			if r == utf8.RuneError || !isWordPart(r) {
				break
			}
			end += n
		}
		word := src[at:end]
		if k := keyword(word); k != "" {
			return token{kind: tokenKey, text: k, at: at}, end, nil
		}
		return token{kind: tokenWord, text: word, at: at}, end, nil
	}
	for _, s := range symbols {
		if strings.HasPrefix(src[at:], s[0]) {
			kind := tokenSymbol
			if s[1] == "or" || s[1] == "and" {
				kind = tokenKey
			}
			return token{kind: kind, text: s[1], at: at}, at + len(s[0]), nil
		}
	}
	_, n := utf8.DecodeRuneInString(src[at:])
	return token{}, at, errorAt(at, "unexpected character %q", src[at:at+n])
}

// lexQuoted reads a string or a quoted name; a doubled quote stands for one.
func lexQuoted(src string, at int) (token, int, *Error) {
	quote := src[at]
	var text strings.Builder
	for i := at + 1; i < len(src); i++ {
		switch {
		case src[i] != quote:
			text.WriteByte(src[i])
		case i+1 < len(src) && src[i+1] == quote:
			text.WriteByte(quote)
			i++
		case quote == '`' && text.Len() == 0:
			return token{}, at, errorAt(at, "a column's name is missing")
		case quote == '`':
			return token{kind: tokenWord, text: text.String(), at: at, quoted: true}, i + 1, nil
		default:
			return token{kind: tokenString, text: text.String(), at: at}, i + 1, nil
		}
	}
	return token{}, at, errorAt(at, "no closing %c", quote)
}

// lexNumber reads digits, a fraction, an exponent; what they mean is the
// parser's matter.
func lexNumber(src string, at int) (token, int, *Error) {
	digits := func(i int) int {
		for i < len(src) && src[i] >= '0' && src[i] <= '9' {
			i++
		}
		return i
	}
	end := digits(at)
	if end < len(src) && src[end] == '.' {
		fraction := digits(end + 1)
		if fraction == end+1 {
			return token{}, at, errorAt(end, "digits must follow the point")
		}
		end = fraction
	}
	if end < len(src) && (src[end] == 'e' || src[end] == 'E') {
		exponent := end + 1
		if exponent < len(src) && (src[exponent] == '+' || src[exponent] == '-') {
			exponent++
		}
		if digits(exponent) == exponent {
			return token{}, at, errorAt(end, "digits must follow the exponent")
		}
		end = digits(exponent)
	}
	if r, _ := utf8.DecodeRuneInString(src[end:]); end < len(src) && isWordPart(r) {
		return token{}, at, errorAt(at, "a number runs into letters")
	}
	return token{kind: tokenNumber, text: src[at:end], at: at}, end, nil
}
