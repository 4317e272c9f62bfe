package column

import "strings"

// zones are the letters that Notion and others write behind a time, in minutes
// from UTC. Letters that mean several zones mean the one that Notion means.
var zones = map[string]int{
	"Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 60, "BST": 60, "CET": 60, "MET": 60, "CEST": 120, "EET": 120, "EEST": 180, "MSK": 180,
	"EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420,
	"AKST": -540, "AKDT": -480, "HST": -600, "AST": -240, "ADT": -180, "NST": -210, "NDT": -150, "BRT": -180, "ART": -180,
	"SAST": 120, "IST": 330, "PKT": 300, "ICT": 420, "WIB": 420, "SGT": 480, "HKT": 480, "AWST": 480, "JST": 540, "KST": 540,
	"ACST": 570, "ACDT": 630, "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780,
}

// months are the names of months, and their short forms, in the languages that
// Notion speaks and that write them with letters.
var months = monthNames(
	"january february march april may june july august september october november december",
	"jan feb mar apr may jun jul aug sep oct nov dec",
	"januar februar märz april mai juni juli august september oktober november dezember",
	"jan feb mrz apr mai juni juli aug sept okt nov dez",
	"janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
	"janv févr mars avr mai juin juil août sept oct nov déc",
	"enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
	"ene feb mar abr may jun jul ago sept oct nov dic",
	"janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
	"jan fev mar abr mai jun jul ago set out nov dez",
	"gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
	"januari februari maart april mei juni juli augustus september oktober november december",
	"januari februari mars april maj juni juli augusti september oktober november december",
	"januar februar marts april maj juni juli august september oktober november december",
	"januar februar mars april mai juni juli august september oktober november desember",
	"tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta",
	"januari februari maret april mei juni juli agustus september oktober november desember",
	"ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
	"stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
	"января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
)

func monthNames(lists ...string) map[string]int {
	out := map[string]int{}
	for _, l := range lists {
		for i, name := range strings.Fields(l) {
			out[name] = i + 1
		}
	}
	return out
}

// ordinal is what may stand behind the number of a day, small what may stand
// between the parts of a date.
var (
	ordinal = map[string]bool{"": true, "st": true, "nd": true, "rd": true, "th": true, "er": true, "º": true}
	small   = map[string]bool{"": true, "of": true, "de": true, "del": true, "den": true, "the": true, "г": true}
)

// weekday says whether a word may be the name of a day of the week in English,
// which is the only language in which Notion puts one before a date.
func weekday(word string) bool {
	const days = "monday tuesday wednesday thursday friday saturday sunday"
	return len(word) >= 3 && (strings.HasPrefix(days, word) || strings.Contains(days, " "+word))
}
