package brief

// measures are properties of a company, a product or a model: what is told of
// them is told of whose they are.
var measures = set("price|prices|pricing|cost|costs|fee|fees|valuation|value|revenue|revenues|sales|turnover|income|profit|profits|loss|losses|shares|stock|shares|share price|market value|market capitalisation|market capitalization|market cap|" +
	"accuracy|score|context window|context length|parameter count|output|lead|margin|growth|capacity|consumption|usage|traffic|workforce|headcount|user base|audience|spending|debt|backlog|run rate|speed|latency|throughput|error rate|energy use|subscription|subscriptions|those|that|" +
	"prix|coût|coûts|valorisation|chiffre d'affaires|revenus|ventes|bénéfice|bénéfices|perte|pertes|action|actions|titre|cours|fenêtre de contexte|capacité|consommation|précision|croissance|effectifs|abonnement|celles|celle|celui|" +
	"precio|precios|coste|costes|costo|valoración|ingresos|ventas|beneficio|beneficios|pérdidas|acción|acciones|títulos|cotización|ventana de contexto|capacidad|consumo|cuota|puntuación|crecimiento|plantilla|recorte|suscripción|las|los")

// germanMeasures are those that end German nouns: Cloudumsatz.
var germanMeasures = []string{"preis", "preise", "kosten", "bewertung", "umsatz", "umsätze", "erlös", "erlöse", "gewinn", "verlust", "aktie", "aktien", "kurs", "börsenwert", "marktwert", "kontextfenster", "genauigkeit", "leistung", "kapazität", "verbrauch", "anteil", "wachstum", "nutzerzahl", "belegschaft", "rate", "abonnement"}

// stocks are what one may buy "in" a company.
var stocks = set("shares|stock")

// holders stand between a property and whose it is.
var holders = set("of|for|at|von|bei|für|des|der|de|d'|du|del|chez|pour|para")

var (
	penalties = set("fined|fines|fine|penalty|amende|multa|multó|multado|bußgeld|geldbuße|strafe|罚款|处罚|罚") // a fine
	penalised = set("on|against|for|à|contre|a|contra|gegen|für")                                          // before who has to pay it, behind the figure
	against   = set("against|gegen|contre|contra|à|a|对|向")                                                 // and before the figure
	toPay     = set("to pay|à payer|à verser|a pagar")                                                     // behind who is made to pay
	values    = set("values|valued|valuing|valorise|valorisant|valora|valorando|bewertet|bewerten")        // before who is valued
	rounds    = set("round|financing|funding|fundraising|raise|ronda|financiación|levée|tour|融资|轮融资")      // what a company raises
	intoWhom  = set("for|in|of|into|by|für|von|bei|de|du|d'|pour|para|en|por|par")                         // before who raises it
	toWhom    = set("for|pour|für|para|bei|chez")                                                          // behind a figure, before whose it is
	beside    = set("at|with|on|mit|bei|avec|à|con|de")                                                    // between a name and its figure
	own       = set("its|their|his|her|our|seiner|seinen|ihrer|ihren|sein|ses|son|sa|leurs|leur|sus|su|其") // a share's whole is whose it is
	recent    = set("new|latest|planned|proposed|recent|record|first|second|current")                      // before a figure behind whose it is
	releases  = set("released|releases|launched|launches|unveiled|unveils|introduced|introduces|published|announced|veröffentlicht|präsentiert|lance|dévoile|présente|lanza|presenta|发布|推出|开源|上线")
	rivals    = set("than|over|against|vs|versus|unlike|like|behind|beat|beats|beating|outperforms|outperformed|compared with|compared to|ahead of|als|gegenüber|contre|que|contra|frente a|超过|超越|比") // before what is only compared
	pronouns  = set("it|they|he|she|we|i|er|sie|es|wir|il|elle|ils|elles|on|nous|ello|se|其|它")

	levels       = set("at|to|bei|auf|à|至|到|达")                // before what a result is, not how much it changed
	objects      = set("新模型|与|和|对|向|给|被|领投|领投了|投资|投资了|收购|收购了") // before a Chinese name that is no topic
	withWhat     = set("with|mit|con|avec")                    // between who is hit and a fine
	respectively = set("respectively|respectivement|respectivamente|beziehungsweise|分别")
	relatives    = set("who|which|whose|der|die|das|dessen|deren|qui|dont|que|quien|cuyo|cuya") // behind a comma, what goes on about a name
)
