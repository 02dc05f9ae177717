package brief

import "strings"

// noNames are capitalised where sentences begin, in any of the languages, or
// always, and name nobody.
var noNames = set("an|in|he|she|they|we|but|these|those|each|our|his|her|their|prices|posts|sources|source|analysts|unconfirmed|according|people|since|after|before|when|while|input|output|both|shares|there|one|twice|training|" +
	"how|why|what|who|where|which|here|new|now|free|former|departing|exclusive|report|reports|breaking|update|introducing|announcing|meet|inside|see|imagine|time|" +
	"angaben|schätzungen|berichten|medienberichten|monat|jahr|quartal|woche|tag|stunde|monaten|jahren|mois|año|mes|" +
	"energy|performance|revenue|sales|profit|costs|cost|demand|investors|researchers|users|customers|engineers|developers|scientists|traders|regulators|lawmakers|officials|critics|workers|companies|startups|" +
	"only|more|most|many|some|all|every|another|other|under|over|with|without|from|for|by|at|on|to|of|as|if|so|yet|not|no|yes|last|next|this|that|its|it|let|than|also|even|still|just|once|" +
	"series a|series b|series c|series d|series e|series f|series g|series h|q1|q2|q3|q4|h1|h2|yoy|qoq|arr|ipo|gdp|ceo|cfo|cto|api|apis|llm|llms|vc|r&d|apache|mit license|moe|mixture-of-experts|" +
	"nach|durch|beim|vom|rund|es|er|sie|wir|zwischen|zwei|drei|diese|dieser|dieses|laut|insgesamt|allein|" +
	"il|elle|ils|elles|ces|cet|on|nous|entre|chaque|je|se|ne|selon|" +
	"un|una|las|los|lo|tiene|ahora|cada|no|según|" +
	"january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|" +
	"januar|februar|märz|mai|juni|juli|oktober|dezember|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag")

// beginnings are other words that begin sentences and no names: Nobody, Wer, Malgré.
var beginnings = set("nobody|nothing|everyone|everybody|anyone|someone|none|neither|either|few|several|half|hundreds|thousands|millions|dozens|nearly|almost|around|about|roughly|despite|because|although|though|during|meanwhile|however|today|yesterday|together|overall|unless|until|elsewhere|instead|already|currently|globally|worldwide|" +
	"wer|was|man|wie|warum|viele|alle|auch|noch|schon|doch|dennoch|trotzdem|bisher|zuletzt|künftig|derzeit|damit|dafür|dabei|darunter|zudem|außerdem|obwohl|während|weil|wenn|mehr|weniger|fast|etwa|gut|knapp|jeder|jede|jedes|beide|" +
	"alors|ainsi|déjà|pourtant|malgré|celui|celle|tous|toutes|près|environ|plus|moins|quand|lorsque|aujourd|avec|dans|pour|" +
	"casi|además|también|mientras|cuando|aunque|pero|quien|todos|cerca|unos|menos|más|durante|hoy|ayer")

// openings are nouns and adjectives that begin sentences about figures, and
// name nobody there: "Data centre revenue at Tessera". Names end with some.
var openings = set("data|inference|accuracy|adoption|spending|output|capacity|funding|financing|capital|operating|net|gross|annual|quarterly|stock|stocks|compute|usage|workforce|headcount|latency|throughput|subscriptions|pricing|staff|employees|market|power|electricity|total|average|monthly|weekly|daily|cloud|chip|server|software|advertising|growth|margins|orders|shipments|deliveries|jobs|access")

// roles are nouns that say what the name behind them is.
var roles = set("startup|start-up|company|firm|maker|chipmaker|developer|lab|giant|unit|subsidiary|arm|rival|platform|app|service|chatbot|assistant|model|family|chip|processor|supercomputer|cluster|" +
	"exec|executive|chief|boss|head|founder|co-founder|cofounder|scientist|researcher|engineer|investor|analyst|alum|veteran|president|director|professor|minister|spokesman|spokeswoman|billionaire|fund|bank|provider|operator|agency|regulator|robot|browser|tool|" +
	"modèle|société|entreprise|groupe|filiale|assistant|puce|fondateur|patron|" +
	"modelo|empresa|firma|filial|asistente|chip|fundador|jefe|grupo|" +
	"模型|公司|芯片|应用")

// germanRoles reports whether a German noun says what the name behind it is, by
// its last part: Chipkonzern, KI-Entwickler.
func germanRoles(w string) bool {
	for _, end := range []string{"startup", "start-up", "konzern", "hersteller", "entwickler", "unternehmen", "anbieter", "firma", "modell", "chef", "chefin", "gründer", "gründerin", "dienst", "riese", "tochter", "betreiber", "assistent", "chatbot", "plattform", "spezialist", "chip", "analyst", "forscher", "runde"} {
		if strings.HasSuffix(w, end) {
			return true
		}
	}
	return false
}

// offices are what people are called before their names.
var offices = wordsOf("ceo cto cfo coo chief officer executive president chairman chairwoman chair founder co-founder director minister secretary senator governor head professor analyst vp product operating technology financial scientist dr judge commissioner chef vorstandschef ministre directeur presidente ministro")

// institutions are named "of" something.
var institutions = wordsOf("bank university department ministry institute bureau house court office college school kingdom")

// backed joins who stands behind a firm to it, with a hyphen.
var backed = wordsOf("backed owned led funded based founded focused powered linked supported")

// origins are adjectives that stand before what they say the origin of.
var origins = wordsOf("eu us uk u.s ai ki ia french dutch greek swiss german american british kazakh turkish czech israeli qatari saudi emirati iraqi thai european global norwegian italian canadian australian brazilian russian ukrainian indian indonesian malaysian austrian belgian hungarian romanian bulgarian croatian estonian latvian lithuanian korean egyptian nigerian kenyan mexican argentinian chilean colombian californian texan african asian iranian pakistani singaporean")

// unions are those that are names, too.
var unions = wordsOf("eu us uk u.s")

// headlineVerbs end the name that begins a headline in capitals.
var headlineVerbs = wordsOf(`raises raise raised hits hit tops top topped reaches reach surpasses passes crosses unveils unveil launches launch launched buys buy bought acquires acquire gets get wins win plans plan says say said cuts cut adds add sees see
could would will may might can must is are was were be has have had forge forges forged sign signs signed reports report reported posts post posted warns warn claims claim expects expect seeks seek eyes eye aims aim bets bet slashes slash doubles double triples triple
quadruples loses lose lost sells sell sold invests invest invested commits commit pledges pledge spends spend spent pays pay paid paying offers offer offering secures secure secured lands land closes close closed opens open builds build built makes make made needs need
faces face faced fined fines sues sue settles settle settled targets target values valued nears near joins join drops drop falls fall fell rises rise rose jumps jump grows grow grew gains gain slips soars surges surge tumbles beats beat leads lead takes take
releases release released introduces introduce announces announce announced ships ship shipped trains train trained runs run uses use used costs cost delivers deliver serves serve shows show finds find found does do did gives give goes go comes come wants want tells tell`)

// hearsays begin what Chinese outlets tell of others.
var hearsays = set("消息称|据悉|据报道|外媒称|传闻称|据传|知情人士称|报道称|传|曝|独家|快讯|突发|不过|但|此外|同时|目前|近日|今日")

// hanNouns are Chinese nouns of which a part would be a verb.
var hanNouns = set("应用|营收|净利润|股价|采用|使用者|输出|输入|支出|收入|投资|投资者|发布会|融资额|在线|占比|增长率|涨幅|跌幅|降幅|一言|出货量")

// generic are Chinese topics that say of what was named before how much it is.
var generic = set("企业|融资|应用|净利润|营业收入|日均|月均|活跃|目标|估值|定价|价格|输出|输入|成本|性能|关键|办公|其中|最高|最低|总|年|月|日|该|其|这|上下文|参数|收入|营收|利润|用户|月活|日活|训练|推理|算力|规模|股价|市值|融资|出货量|参数量|参数规模|售价|单价")

// modelWords stand behind the name of a model or before it.
var modelWords = set("model|modell|modèle|modelo|模型|大模型")

// places are nouns that have no name but their place's: campus de Fouju.
var places = set("cluster|plant|factory|campus|site|centre|usine|centro|complejo|rechenzentrum")

// givers are prepositions behind which somebody gives what the figure is.
var givers = set("by|from|with|von|par|por|de")

// possessives are those of who writes, and firsts what else they call themselves.
var (
	possessives = set("our|unser|unsere|unseren|unserer|notre|nos|nuestra|nuestro|nuestros|nuestras|我们的")
	firsts      = set("we|wir|nous|nosotros|hemos|我们")
)

// leaning words begin sentences that lean on the one before them.
var leaning = set("this|these|that|those|they|it|he|she|its|their|his|her|but|and|so|or|however|also|furthermore|moreover|additionally|in addition|finally|then|thus|therefore|for example|for instance|instead|meanwhile|while this|such|both|we also|as a result|similarly|nevertheless|yet|here|there|another|other|in contrast|by contrast|" +
	"dies|diese|dieser|dieses|es|sie|er|aber|und|doch|jedoch|zudem|außerdem|damit|dabei|deshalb|daher|dennoch|ferner|" +
	"cela|ceci|ce|cette|ces|il|elle|ils|elles|mais|et|donc|cependant|toutefois|en outre|ainsi|de plus|par ailleurs|" +
	"esto|esta|este|estos|estas|eso|pero|y|además|sin embargo|así|también|por ello|ellos|" +
	"这|该|其|它|他|她|但|而|此外|同时|不过|因此|然而|另外")

// private words are an author's of oneself.
var private = set("i|i'm|i've|i'd|i'll|my|ich|je|yo|我")

// subordinate words begin what goes on behind a comma.
var subordinate = set("with|as|after|before|when|while|although|though|if|since|despite|because|given|following|in|at|for|by|to|on|under|mit|als|nach|wenn|während|obwohl|da|weil|bei|avec|après|quand|si|bien que|selon|con|tras|cuando|aunque|según|当|随着|在")

// parents stand behind the company that what follows belongs to.
var parents = set("旗下")

// says are verbs behind who says what follows.
var says = set("said|says|claims|claimed|told|sagt|sagte|erklärte|affirme|annonce|indique|dice|dijo|afirma|表示|称|说")

// sayingOf stands before who says what a sentence tells.
var sayingOf = set("according to|nach angaben von|nach angaben der|nach angaben des|d'après|de acuerdo con|laut|selon|según|据")

// follows stands behind who says it.
var follows = set("zufolge")

// tiers end the names of models behind their versions.
var tiers = wordsOf("mini nano pro max flash lite turbo preview high")
