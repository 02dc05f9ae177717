package brief

import (
	"strings"
	"testing"
)

func TestSubjectOfFigures(t *testing.T) {
	for s, want := range map[string]string{
		"xAI's cluster in Memphis holds 200,000 GPUs.":   "xAI",
		"Meta's Hyperion takes 5 GW, Llama 4 only 2 GW.": "Hyperion, Llama 4",
		"The outage hit 1.3 million users of Quillon.":   "Quillon",
		"Scale AI brings 5% of Surge's revenue.":         "Surge",
		"On GPQA Diamond, Grok 5 reached 91.2.":          "Grok 5",
		"SAP controls 62%, Micron 21% and Samsung 17%.":  "SAP, Micron, Samsung",
		"It costs $5.": "",
		"Preferred Networks will receive 19 billion yen now": "Preferred Networks",

		// What says more of a name is none.
		"AI coding startup Tessera is in talks for a $2B round.":                           "Tessera",
		"Former Halcyon exec Ada Moor wants $90M for her new lab.":                         "Ada Moor",
		"Halcyon Chief Product Officer Ada Moor sold shares worth $3M.":                    "Ada Moor",
		"Birch-backed Tessera Holdings raises $2B":                                         "Tessera Holdings",
		"Tessera, which buys service firms and adds AI, raised $2B from Birch, D1 and Oak": "Tessera",
		"Tessera, founded by ex-Halcyon, Birch, and Quillon staffers, raised $40M":         "Tessera",
		"Tessera raised a $40M round led by Birch Fund at a $300M valuation.":              "Tessera, Tessera",
		"AT&T says that open models do 25% of the work.":                                   "AT&T",
		"Bank of Finland spends $2 billion.":                                               "Bank of Finland",
		"Halcyon is developing a Tessera 4 model with 1 trillion parameters.":              "Tessera 4",
		"We release the weights of our 314 billion parameter sparse model Tessera-1.":      "Tessera-1",
		"Tessera 4, Tessera 5, and Quillon 2 found bugs worth $4 million.":                 "Tessera 4",
		"After a price cut by Halcyon, Tessera tokens cost $4 per million.":                "Tessera",
		"Scaling a database to serve 800 million Quillon users":                            "Quillon",
		"The French regulator fined Halcyon roughly $275 million.":                         "Halcyon",
		"Brussels imposes a fine of 40 million euros on Tessera.":                          "Tessera",

		"Ada Moors' Birch Ventures wants $1B.":                            "Birch Ventures",
		"Halcyon releases Tessera 3: a 30B MoE with 3B active parameters": "Tessera 3",

		"Ada Moor said Orbit had 700 million weekly users.":             "Orbit",
		"Compared with Orbit 4, the new model is three times faster.":   "new model",
		"The startup, based in Paris, raised 100 million euros.":        "startup",
		"Inference on Quillon costs $5.":                                "Quillon",
		"Halcyon and Tessera invest 500 million euros.":                 "Halcyon",
		"Halcyon et Tessera investiront 500 millions d'euros.":          "Halcyon",
		"Das Münchner Start-up Helix hat 40 Millionen Dollar bekommen.": "Helix",
		"星澜之心估值升至33亿美元。":                                                "星澜之心",
		"星澜旗下海豆日活用户达1亿。":                                                "海豆",
		"星澜 Tessera 应用月活突破10亿用户。":                                       "Tessera",

		"Tessera sold 20,000 chips, in China alone 5,000 chips.": "Tessera, Tessera",

		// Whose a figure is, as the words around it say.
		"Texas fined Orbit's developer Halcyon €5 million.":                   "Halcyon",
		"The regulator ordered Halcyon to pay a fine of €5 million.":          "Halcyon",
		"Gegen Halcyon wurde ein Bußgeld von 3 Millionen Euro verhängt.":      "Halcyon",
		"La agencia multó con 2 millones de euros a Íbera.":                   "Íbera",
		"Roma impuso a Íbera una multa de 2 millones de euros.":               "Íbera",
		"法国监管机构对Halcyon处以500万欧元罚款。":                                           "Halcyon",
		"Birch Fund leads Tessera's latest $2bn round.":                       "Tessera",
		"Birch Fund led a $2bn financing of Tessera.":                         "Tessera",
		"Birch Fund is leading a $2bn round for Tessera, two people said.":    "Tessera",
		"A $2bn round led by Birch Fund values Tessera at $9bn.":              "Tessera, Tessera",
		"橡树资本领投了星澜的10亿美元融资。":                                                  "星澜",
		"Accuracy on AIME rose to 94.6 for Orbit-5.":                          "Orbit-5",
		"Data centre revenue at Tessera grew 66% to $5bn.":                    "Tessera, Tessera",
		"Shares in Tessera fell 8%, while those of Halcyon lost 4%.":          "Tessera, Halcyon",
		"Halcyon cut the price of o7 by 80%.":                                 "o7",
		"Halcyon cut the price of Orbit 4.5 to $5.":                           "Orbit 4.5",
		"Der Cloudumsatz von Helix stieg um 8 Prozent.":                       "Helix",
		"Orbit 5 scored 80.9% on GPQA, ahead of Tessera 3 at 76.2%.":          "Orbit 5, Tessera 3",
		"Sur GPQA, Orbit 5 obtient 91,9 %, contre 88,1 % pour Alizé 2.":       "Orbit 5, Alizé 2",
		"Chez Alizé, le chiffre d'affaires a progressé de 2,9 %.":             "Alizé",
		"Halcyon launched Birch, with 3 billion parameters.":                  "Birch",
		"Halcyon says that Orbit 4 scored 71.2 on MMLU, more than Tessera 3.": "Orbit 4",
		"Halcyon offers Orbit 4 for $2 per million tokens.":                   "Orbit 4",
		"Halcyon Compute spends $2bn, X 5%.":                                  "Halcyon Compute, X",
		"Der Helix-Chefin Ada Moor zufolge hat Orbit 8 Millionen Nutzer.":     "Orbit",
		"Das Abonnement von Helix Pro kostet 18 Euro.":                        "Helix Pro",
		"Mit einer Leistung von 11 Megawatt gehört Helix zu den kleinsten.":   "Helix",
		"Trained on 15 trillion tokens, Tessera 3 is open.":                   "Tessera 3",
		"Entrenado con 2 billones de tokens, Íbera es el mayor.":              "Íbera",
		"上下文窗口为100万词元的Orbit-5今日开源。":                                           "Orbit-5",
		"通义应用的月活跃用户突破1亿。":                                                     "通义",

		"The regulator hit Tessera with a €3 million fine.":                           "Tessera",
		"At Tessera, AI chips account for 30% of revenue.":                            "Tessera",
		"Tessera, Halcyon's rival, raised $1 billion.":                                "Tessera",
		"The Brives cluster draws 300 megawatts.":                                     "Brives cluster",
		"Le prix de l'abonnement à La Plume Pro est de 15 euros.":                     "La Plume Pro",
		"Alizé investira 4 milliards d'euros, contre 6 milliards d'euros pour Orbit.": "Alizé, Orbit",
		"Orbit 2 compte 123 milliards de paramètres, Orbit Petit 24 milliards.":       "Orbit 2, Orbit Petit",
		"Tessera and Halcyon rose 4% and 6%, respectively.":                           "Tessera, Halcyon",
		"星澜与海豆分别上涨4%和6%。":                                                             "星澜, 海豆",
		"星澜的R7训练成本为29万美元。":                                                            "R7",
		"星澜文心5.0参数量达2.4万亿。":                                                           "星澜文心5.0",

		"Nobody expected a price of $2,000 for the Orbit 7.":                        "Orbit 7",
		"Ada Moor, who left Halcyon in May, has raised $90 million.":                "Ada Moor",
		"The EU wants to spend €20 billion on it.":                                  "EU",
		"The judge fined the lawyer $6,000.":                                        "lawyer",
		"Wer Helix nutzt, zahlt künftig 12 Euro.":                                   "Helix",
		"Les effectifs de la start-up ont augmenté de 45 %.":                        "start-up",
		"La ronda, liderada por Birch, asciende a 40 millones de euros para Íbera.": "Íbera",
		"橡树发布新模型星澜2，总参数达1.2万亿。":                                                     "星澜2",
		"去年，星澜亏损29亿元。":                                                              "星澜",
		"估值达120亿美元的星澜正在融资。":                                                         "星澜",

		"The start-up in Paris raised $5 million.":             "start-up",
		"La société basée à Brives a levé 5 millions d'euros.": "société",

		// What a share is a share of, where a clause has no subject.
		"Only 5% of companies earn money with their Halcyon projects.": "companies",
		"Some 95% of AI pilots at companies fail, according to MIT.":   "AI pilots",
		"Laut Birch nutzen 36 Prozent der Unternehmen Orbit.":          "Unternehmen",
		"Près de 30 % des entreprises françaises utilisent Orbit.":     "entreprises françaises",
		"El 20 % de las empresas españolas usa Orbit.":                 "empresas españolas",
		"Plus de 60 % des salariés d'Orbit s'en servent.":              "Orbit",
		"It now handles 70% of requests.":                              "",
		"Nach Angaben von Birch nutzen 57 Prozent der Firmen Orbit.":   "Firmen",
		"约有40%的企业使用人工智能。":                                              "企业",
		"The chipmaker accounts for 8% of the Dax.":                    "chipmaker",

		// A pronoun names nobody.
		"They seek $500 million at a valuation of $5 billion.": ", ",
		"Sie zahlen dafür 20 Euro im Monat.":                   "",
		"其参数规模达到1万亿。":                                          "",

		// Headlines in capitals.
		"Tessera Raises $750 Million as Demand Surges":          "Tessera",
		"Quillon Could Be Worth $2 Trillion When It Lists":      "Quillon",
		"How Halcyon Built Its Model For $5.6m":                 "Halcyon",
		"Halcyon Chat Hits 1 Billion Users In Record Time":      "Halcyon Chat",
		"Tessera, AI-Focused Buyer of Firms, Raises $2 Billion": "Tessera",

		// Nouns where there is no name.
		"The model achieves 42.1 on MMLU.":                  "model",
		"The new data centre will draw 300 MW.":             "new data centre",
		"The company raised $40M from Birch Fund.":          "company",
		"The start-up's token bill came to $1,250.50.":      "start-up",
		"The update remembers files and is 30% faster.":     "update",
		"Only 5% of pilots earn money, according to Birch.": "pilots",
		"According to Birch, Halcyon sold 40% more.":        "Halcyon",
		"Tressing is valued at 12 billion euros.":           "Tressing",
		"Orbit-5 mini costs $0.25 per million tokens.":      "Orbit-5 mini",
		"A whopping 30% of it is wrong.":                    "",
		"They paid a record $30 million.":                   "",
		"The Swedish site is rated at 310 MW.":              "Swedish site",
		"Der neue Chip ist 2,5-mal so schnell.":             "neue Chip",
		"El ahorro llega al 97,3 por ciento.":               "ahorro",
		"输出价格降至每百万词元2元。":                                    "输出价格",

		"Das Kontextfenster von Tessera 3 fasst 128.000 Token.":       "Tessera 3",
		"Der Chiphersteller Quillon verkauft 100.000 Chips.":          "Quillon",
		"Le campus de Brives atteindra 1,4 gigawatt.":                 "campus de Brives",
		"Le modèle Alizé compte 123 milliards de paramètres.":         "Alizé",
		"L'autorité inflige une amende de 325 000 euros à l'éditeur.": "éditeur",
		"Íbera cobrará 15 euros.":                                     "Íbera",
		"寒武纪上涨7.5%，海光下跌2.1%。":                                         "寒武纪, 海光",
		"消息称星澜开发万亿参数模型，估值或达20亿美元。":                                    "星澜, 星澜",
	} {
		var got []string
		for _, f := range SentenceFigures(s) {
			got = append(got, f.Of)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: %q, want %q", s, got, want)
		}
	}
}

func TestClaimant(t *testing.T) {
	for s, want := range map[string]string{
		"The model has 1 trillion parameters, according to Birch Research.": "Birch Research",
		"Halcyon says its model costs $4.":                                  "Halcyon",
		"Revenue grew 20%, Halcyon said.":                                   "Halcyon",
		"The fine is 5 million euros, said Halcyon.":                        "Halcyon",
		"Sources say that the round is worth $4m.":                          "Outlet",
		"Laut Bericht kostet es 5 Euro.":                                    "Outlet",
		"Selon Alizé, le prix est de 5 euros.":                              "Alizé",
		"It costs $4.":                                                      "Outlet",
		"Halcyon said to prepare a model of 70 billion parameters":          "Outlet",
	} {
		if got := claimant(s, Doc{Source: "Outlet"}); got != want {
			t.Errorf("%s: %q, want %q", s, got, want)
		}
	}
}
