//! Words that say nothing about what a text is about. They are indexed, so that quoted phrases find them, and left
//! out of queries unless nothing else is left. The lists are folded and sorted.

use super::Analysis;

/// The function words of an analysis; none where no language is known.
const fn of(analysis: Analysis) -> &'static [&'static str] {
    match analysis {
        Analysis::English => ENGLISH,
        Analysis::French => FRENCH,
        Analysis::German => GERMAN,
        Analysis::Spanish => SPANISH,
        Analysis::Italian => ITALIAN,
        Analysis::Portuguese => PORTUGUESE,
        Analysis::Catalan => CATALAN,
        Analysis::Dutch => DUTCH,
        Analysis::Swedish => SWEDISH,
        Analysis::Danish => DANISH,
        Analysis::Norwegian => NORWEGIAN,
        Analysis::Finnish => FINNISH,
        Analysis::Russian => RUSSIAN,
        Analysis::Arabic => ARABIC,
        Analysis::Other => &[],
    }
}

/// Whether the folded word is a function word where texts are analysed so.
pub(crate) fn is_stop_word(analysis: Analysis, folded: &str) -> bool {
    of(analysis).binary_search(&folded).is_ok()
}

/// Whether the folded word is a function word of some language and no word with a meaning in English or French: "la"
/// and "und" are, "war" and "ville" are not.
pub(crate) fn is_function_word(folded: &str) -> bool {
    HOMOGRAPHS.binary_search(&folded).is_err()
        && Analysis::ALL
            .into_iter()
            .any(|analysis| is_stop_word(analysis, folded))
}

/// Function words of other languages that English or French has with a meaning. None is a function word of English.
#[rustfmt::skip]
const HOMOGRAPHS: &[&str] = &[
    "ad", "ai", "allen", "aller", "alt", "ante", "ar", "ate", "aura", "bare", "ben", "bin", "bland", "car", "chi",
    "come", "comment", "con", "dal", "dan", "den", "dette", "die", "dies", "dig", "din", "dine", "dog", "door",
    "dos", "dove", "ed", "eli", "elk", "ella", "encore", "end", "era", "eras", "eu", "fare", "fer", "fins", "foi",
    "fur", "ham", "hans", "hat", "hay", "hem", "hoe", "inn", "man", "mange", "meme", "memes", "men", "mer", "met",
    "mia", "min", "mit", "mod", "mot", "ned", "nun", "onde", "pendant", "plus", "pot", "pour", "quest", "reeds",
    "sara", "sea", "sean", "sedan", "sense", "sin", "sine", "sit", "sob", "solo", "son", "soy", "state", "sue",
    "tale", "tan", "ten", "tenir", "till", "ton", "tout", "vain", "van", "ville", "want", "war",
];

#[rustfmt::skip]
const ENGLISH: &[&str] = &[
    "a", "about", "above", "across", "after", "again", "against", "ain", "all", "also", "although", "am", "among",
    "an", "and", "another", "any", "are", "aren", "as", "at", "be", "because", "been", "before", "being", "below",
    "between", "both", "but", "by", "can", "cannot", "could", "couldn", "d", "did", "didn", "do", "does", "doesn",
    "doing", "don", "done", "down", "during", "each", "either", "else", "even", "ever", "every", "few", "for", "from",
    "further", "had", "hadn", "has", "hasn", "have", "haven", "having", "he", "her", "here", "hers", "herself", "him",
    "himself", "his", "how", "i", "if", "in", "into", "is", "isn", "it", "its", "itself", "just", "ll", "m", "may",
    "me", "might", "mine", "more", "most", "must", "mustn", "my", "myself", "needn", "neither", "never", "no", "nor",
    "not", "now", "o", "of", "off", "on", "once", "only", "or", "other", "others", "our", "ours", "ourselves", "out",
    "over", "own", "per", "re", "s", "same", "shall", "shan", "she", "should", "shouldn", "so", "some", "still",
    "such", "t", "than", "that", "the", "their", "theirs", "them", "themselves", "then", "there", "these", "they",
    "this", "those", "though", "through", "to", "too", "toward", "towards", "under", "unless", "until", "up", "upon",
    "us", "ve", "very", "via", "was", "wasn", "we", "were", "weren", "what", "when", "where", "whether", "which",
    "while", "who", "whom", "whose", "why", "will", "with", "within", "without", "won", "would", "wouldn", "y", "yet",
    "you", "your", "yours", "yourself", "yourselves",
];

#[rustfmt::skip]
const FRENCH: &[&str] = &[
    "a", "afin", "ai", "aient", "ainsi", "ait", "alors", "apres", "as", "au", "aujourd", "aura", "auraient", "aurait",
    "auront", "aussi", "autre", "autres", "aux", "avaient", "avais", "avait", "avant", "avec", "avez", "avions",
    "avoir", "avons", "ayant", "c", "ca", "car", "ce", "ceci", "cela", "celle", "celles", "celui", "ces", "cet",
    "cette", "ceux", "chez", "combien", "comme", "comment", "contre", "d", "dans", "de", "deja", "depuis", "des",
    "doit", "doivent", "donc", "dont", "du", "elle", "elles", "en", "encore", "entre", "es", "est", "et", "etaient",
    "etais", "etait", "etant", "ete", "etes", "etiez", "etions", "etre", "eu", "eux", "faire", "fait", "furent",
    "fut", "ici", "il", "ils", "j", "je", "jusqu", "jusque", "l", "la", "laquelle", "le", "lequel", "les",
    "lesquelles", "lesquels", "leur", "leurs", "lorsqu", "lorsque", "lui", "m", "ma", "mais", "me", "meme", "memes",
    "mes", "moi", "moins", "mon", "n", "ne", "ni", "nos", "notre", "nous", "on", "ont", "or", "ou", "par", "pas",
    "pendant", "peut", "peuvent", "plus", "pour", "pourquoi", "presqu", "puisqu", "puisque", "qu", "quand", "que",
    "quel", "quelle", "quelles", "quelqu", "quels", "qui", "quoi", "quoiqu", "quoique", "s", "sa", "sans", "se",
    "sera", "seraient", "serait", "seront", "ses", "si", "soi", "soient", "soit", "sommes", "son", "sont", "sous",
    "suis", "sur", "t", "ta", "te", "tes", "toi", "ton", "tous", "tout", "toute", "toutes", "tres", "trop", "tu",
    "un", "une", "vers", "vos", "votre", "vous", "y",
];

#[rustfmt::skip]
const GERMAN: &[&str] = &[
    "aber", "alle", "allem", "allen", "aller", "alles", "als", "also", "am", "an", "ander", "andere", "anderem",
    "anderen", "anderer", "anderes", "auch", "auf", "aus", "bei", "beim", "bin", "bis", "bist", "da", "dabei",
    "damit", "dann", "das", "dass", "dazu", "dein", "deine", "deinem", "deinen", "deiner", "dem", "den", "denn",
    "der", "deren", "des", "dessen", "dich", "die", "dies", "diese", "diesem", "diesen", "dieser", "dieses", "dir",
    "doch", "dort", "du", "durch", "ein", "eine", "einem", "einen", "einer", "eines", "einige", "einigen", "einiger",
    "einmal", "er", "es", "etwas", "euch", "euer", "eure", "eurem", "euren", "fur", "gegen", "habe", "haben", "hat",
    "hatte", "hatten", "hier", "hin", "hinter", "ich", "ihm", "ihn", "ihnen", "ihr", "ihre", "ihrem", "ihren",
    "ihrer", "ihres", "im", "in", "indem", "ins", "ist", "jede", "jedem", "jeden", "jeder", "jedes", "jene", "jenem",
    "jenen", "jener", "jenes", "jetzt", "kann", "kein", "keine", "keinem", "keinen", "keiner", "konnen", "konnte",
    "machen", "man", "manche", "manchem", "mancher", "mein", "meine", "meinem", "meinen", "meiner", "mich", "mir",
    "mit", "muss", "mussen", "nach", "nicht", "nichts", "noch", "nun", "nur", "ob", "oder", "ohne", "sehr", "sein",
    "seine", "seinem", "seinen", "seiner", "seines", "selbst", "sich", "sie", "sind", "so", "solche", "solchem",
    "solchen", "solcher", "soll", "sollen", "sollte", "sondern", "sonst", "uber", "um", "und", "uns", "unser",
    "unsere", "unserem", "unseren", "unserer", "unter", "viel", "vom", "von", "vor", "wann", "war", "waren", "warst",
    "was", "weil", "welche", "welchem", "welchen", "welcher", "welches", "wenn", "wer", "werde", "werden", "wie",
    "wieder", "will", "wir", "wird", "wirst", "wo", "wollen", "wurde", "wurden", "zu", "zum", "zur", "zwar",
    "zwischen",
];

#[rustfmt::skip]
const SPANISH: &[&str] = &[
    "a", "ahora", "al", "algo", "algunas", "algunos", "ante", "antes", "aquel", "aquella", "aquellas", "aquello",
    "aquellos", "aun", "aunque", "cada", "como", "con", "contra", "cual", "cuales", "cualquier", "cuando", "cuanto",
    "cuya", "cuyas", "cuyo", "cuyos", "de", "del", "desde", "donde", "dos", "durante", "e", "el", "ella", "ellas",
    "ello", "ellos", "en", "entre", "era", "eran", "eras", "eres", "es", "esa", "esas", "ese", "eso", "esos", "esta",
    "estaba", "estaban", "estan", "estar", "estas", "este", "esto", "estos", "estoy", "fue", "fueron", "fui", "ha",
    "habia", "habian", "han", "has", "hasta", "hay", "he", "hemos", "la", "las", "le", "les", "lo", "los", "mas",
    "me", "mi", "mientras", "mis", "misma", "mismas", "mismo", "mismos", "mucha", "muchas", "mucho", "muchos", "muy",
    "nada", "ni", "no", "nos", "nosotras", "nosotros", "nuestra", "nuestras", "nuestro", "nuestros", "o", "os",
    "otra", "otras", "otro", "otros", "para", "pero", "poco", "por", "porque", "puede", "pueden", "pues", "que",
    "quien", "quienes", "se", "sea", "sean", "segun", "ser", "si", "sido", "sin", "sobre", "sois", "solo", "somos",
    "son", "soy", "su", "sus", "suya", "suyas", "suyo", "suyos", "tambien", "tampoco", "tan", "tanto", "te",
    "tenemos", "tener", "tengo", "ti", "tiene", "tienen", "toda", "todas", "todo", "todos", "tu", "tus", "un", "una",
    "unas", "uno", "unos", "usted", "ustedes", "vosotras", "vosotros", "vuestra", "vuestras", "vuestro", "vuestros",
    "y", "ya", "yo",
];

#[rustfmt::skip]
const ITALIAN: &[&str] = &[
    "a", "abbia", "abbiamo", "abbiano", "ad", "agli", "ai", "al", "alcuna", "alcune", "alcuni", "all", "alla", "alle",
    "allo", "altra", "altre", "altri", "altro", "anche", "ancora", "avere", "aveva", "avevano", "avuto", "c", "che",
    "chi", "ci", "cio", "coi", "col", "come", "con", "contro", "cui", "d", "da", "dagli", "dai", "dal", "dall",
    "dalla", "dalle", "dallo", "degli", "dei", "del", "dell", "della", "delle", "dello", "dentro", "di", "dopo",
    "dove", "e", "ed", "era", "erano", "essa", "esse", "essere", "essi", "esso", "fa", "fanno", "fare", "fino", "fra",
    "fu", "furono", "gli", "ha", "hai", "hanno", "ho", "i", "il", "in", "io", "l", "la", "le", "lei", "li", "lo",
    "loro", "lui", "ma", "me", "meno", "mentre", "mi", "mia", "mie", "miei", "mio", "molta", "molte", "molti",
    "molto", "ne", "negli", "nei", "nel", "nell", "nella", "nelle", "nello", "no", "noi", "non", "nostra", "nostre",
    "nostri", "nostro", "o", "ogni", "oppure", "per", "perche", "piu", "poi", "puo", "quale", "quali", "quando",
    "quanta", "quante", "quanti", "quanto", "quella", "quelle", "quelli", "quello", "quest", "questa", "queste",
    "questi", "questo", "qui", "quindi", "sara", "saranno", "se", "sei", "sempre", "senza", "si", "sia", "siamo",
    "siano", "siete", "solo", "sono", "sopra", "sotto", "sta", "stata", "state", "stati", "stato", "su", "sua", "sue",
    "sugli", "sui", "sul", "sull", "sulla", "sulle", "sullo", "suo", "suoi", "tale", "tali", "te", "ti", "tra", "tu",
    "tua", "tue", "tuo", "tuoi", "tutta", "tutte", "tutti", "tutto", "un", "una", "uno", "v", "vi", "voi", "vostra",
    "vostre", "vostri", "vostro",
];

#[rustfmt::skip]
const PORTUGUESE: &[&str] = &[
    "a", "agora", "ainda", "alem", "algo", "algum", "alguma", "algumas", "alguns", "ao", "aos", "apenas", "apos",
    "aquela", "aquelas", "aquele", "aqueles", "aquilo", "as", "assim", "ate", "cada", "com", "como", "contra", "cuja",
    "cujas", "cujo", "cujos", "da", "daquela", "daquele", "das", "de", "dela", "delas", "dele", "deles", "depois",
    "desde", "dessa", "desse", "desta", "deste", "do", "dos", "durante", "e", "ela", "elas", "ele", "eles", "em",
    "enquanto", "entre", "era", "eram", "essa", "essas", "esse", "esses", "esta", "estao", "estar", "estas", "estava",
    "estavam", "este", "estes", "estou", "eu", "foi", "foram", "fosse", "ha", "isso", "isto", "ja", "la", "lhe",
    "lhes", "lo", "mais", "mas", "me", "mesma", "mesmas", "mesmo", "mesmos", "meu", "meus", "minha", "minhas",
    "muita", "muitas", "muito", "muitos", "na", "nao", "nas", "nem", "nenhum", "nenhuma", "nessa", "nesse", "nesta",
    "neste", "no", "nos", "nossa", "nossas", "nosso", "nossos", "num", "numa", "o", "onde", "os", "ou", "outra",
    "outras", "outro", "outros", "para", "pela", "pelas", "pelo", "pelos", "pode", "podem", "pois", "por", "porem",
    "porque", "quais", "qual", "quando", "quanto", "que", "quem", "sao", "se", "seja", "sejam", "sem", "sempre",
    "ser", "sera", "serao", "seu", "seus", "si", "sido", "so", "sob", "sobre", "sou", "sua", "suas", "tambem",
    "tanto", "te", "tem", "temos", "tenha", "tenho", "ter", "teu", "teus", "tinha", "tinham", "toda", "todas", "todo",
    "todos", "tu", "tua", "tuas", "tudo", "um", "uma", "umas", "uns", "vai", "voce", "voces", "vos",
];

#[rustfmt::skip]
const CATALAN: &[&str] = &[
    "a", "abans", "aixo", "al", "algun", "alguna", "algunes", "alguns", "als", "altra", "altre", "altres", "amb",
    "aquell", "aquella", "aquelles", "aquells", "aquest", "aquesta", "aquestes", "aquests", "aqui", "cada", "com",
    "contra", "d", "dalt", "de", "del", "dels", "des", "despres", "doncs", "dos", "durant", "el", "ell", "ella",
    "elles", "ells", "els", "em", "en", "encara", "entre", "era", "eren", "es", "essent", "esta", "estan", "estava",
    "et", "etc", "fer", "fins", "ha", "han", "havia", "hem", "hi", "ho", "i", "igual", "ja", "jo", "l", "la", "les",
    "li", "lo", "los", "m", "mateix", "mateixa", "mentre", "mes", "meu", "meva", "molt", "molta", "moltes", "molts",
    "n", "nosaltres", "nostra", "nostre", "nostres", "o", "on", "per", "pero", "perque", "poc", "pot", "qual",
    "quals", "quan", "que", "qui", "s", "sense", "ser", "seu", "seus", "seva", "seves", "si", "sobre", "sols", "son",
    "sota", "tambe", "tan", "tant", "te", "tenen", "tenir", "teu", "teva", "tot", "tota", "totes", "tots", "un",
    "una", "unes", "uns", "us", "vosaltres", "vostra", "vostre",
];

#[rustfmt::skip]
const DUTCH: &[&str] = &[
    "aan", "achter", "af", "al", "alle", "alleen", "alles", "als", "altijd", "andere", "ben", "bij", "binnen", "daar",
    "daarom", "dan", "dat", "de", "deze", "die", "dit", "doch", "doen", "door", "dus", "een", "eens", "elk", "elke",
    "en", "er", "ge", "geen", "geweest", "haar", "had", "hadden", "heb", "hebben", "heeft", "hem", "het", "hier",
    "hij", "hoe", "hun", "iedere", "iemand", "iets", "ik", "in", "is", "ja", "je", "jij", "jou", "jouw", "jullie",
    "kan", "kon", "konden", "kunnen", "maar", "me", "meer", "men", "met", "mij", "mijn", "moet", "moeten", "na",
    "naar", "niet", "niets", "nog", "nu", "of", "om", "omdat", "onder", "ons", "onze", "ook", "op", "over", "reeds",
    "te", "tegen", "ten", "ter", "terwijl", "tijdens", "toch", "toen", "tot", "tussen", "u", "uit", "uw", "van",
    "vanaf", "veel", "voor", "waar", "waarom", "wanneer", "want", "waren", "was", "wat", "we", "welk", "welke",
    "werd", "werden", "wie", "wij", "wil", "worden", "wordt", "zal", "ze", "zelf", "zich", "zij", "zijn", "zo",
    "zoals", "zonder", "zou", "zouden",
];

#[rustfmt::skip]
const SWEDISH: &[&str] = &[
    "alla", "allt", "an", "ar", "at", "att", "av", "bara", "bland", "blev", "bli", "blir", "blivit", "da", "dar",
    "de", "dem", "den", "denna", "deras", "dess", "dessa", "det", "detta", "dig", "din", "dina", "ditt", "du",
    "efter", "eller", "en", "er", "era", "ert", "ett", "for", "fran", "genom", "ha", "hade", "han", "hans", "har",
    "hela", "hennes", "hon", "honom", "hos", "hur", "i", "icke", "ifran", "in", "inom", "inte", "jag", "ju", "kan",
    "kunde", "man", "med", "medan", "mellan", "men", "mer", "mig", "min", "mina", "mitt", "mot", "mycket", "nagon",
    "nagot", "nagra", "nar", "ni", "nu", "och", "ocksa", "om", "oss", "over", "pa", "sa", "sadan", "sadana", "sadant",
    "samma", "sedan", "sig", "sin", "sina", "sitt", "sjalv", "ska", "skall", "skulle", "som", "till", "under", "upp",
    "ur", "ut", "utan", "vad", "var", "vara", "varfor", "varit", "varje", "vars", "vart", "vem", "vi", "vid", "vilka",
    "vilkas", "vilken", "vilket", "vill",
];

#[rustfmt::skip]
const DANISH: &[&str] = &[
    "ad", "af", "alle", "alt", "anden", "at", "blev", "blive", "bliver", "da", "de", "dem", "den", "denne", "der",
    "deres", "det", "dette", "dig", "din", "dine", "disse", "dit", "dog", "du", "efter", "eller", "en", "end", "er",
    "et", "fa", "for", "fra", "gennem", "ham", "han", "hans", "har", "havde", "have", "hende", "hendes", "her", "hos",
    "hun", "hvad", "hvem", "hver", "hvilke", "hvilken", "hvis", "hvor", "hvordan", "hvorfor", "i", "ikke", "ind",
    "jeg", "jer", "jeres", "jo", "kan", "kunne", "ma", "man", "mange", "med", "meget", "mellem", "men", "mig", "min",
    "mine", "mit", "mod", "nar", "ned", "nogen", "noget", "nogle", "nu", "og", "ogsa", "om", "op", "os", "over", "pa",
    "sadan", "samme", "selv", "sig", "sin", "sine", "sit", "skal", "skulle", "som", "til", "ud", "uden", "under",
    "vaere", "vaeret", "var", "ved", "vi", "vil", "ville", "vor",
];

#[rustfmt::skip]
const NORWEGIAN: &[&str] = &[
    "a", "alle", "alt", "at", "av", "bade", "bare", "ble", "bli", "blir", "blitt", "da", "de", "deg", "dei", "deim",
    "deira", "dem", "den", "denne", "der", "dere", "deres", "det", "dette", "di", "din", "disse", "ditt", "du", "eg",
    "ei", "eit", "eller", "en", "enn", "er", "et", "etter", "for", "fordi", "fra", "gjennom", "ha", "hadde", "han",
    "hans", "har", "hennes", "her", "hos", "hun", "hva", "hvem", "hver", "hvilke", "hvilken", "hvis", "hvor",
    "hvordan", "hvorfor", "i", "ikke", "ikkje", "inn", "ja", "jeg", "kan", "korleis", "kunne", "kva", "kven", "ma",
    "man", "mange", "med", "meg", "mellom", "men", "mer", "min", "mitt", "mot", "mye", "na", "nar", "nei", "noe",
    "noen", "noko", "nokon", "og", "ogsa", "om", "opp", "oss", "over", "pa", "sa", "samme", "seg", "selv", "si",
    "sia", "sidan", "siden", "sin", "sine", "sitt", "skal", "skulle", "slik", "som", "til", "ut", "uten", "vaere",
    "vaert", "var", "vart", "ved", "vel", "vi", "vil", "ville",
];

#[rustfmt::skip]
const FINNISH: &[&str] = &[
    "ei", "eivat", "eli", "emme", "en", "et", "etta", "ette", "haluaa", "han", "haneen", "hanelle", "hanen",
    "hanesta", "hanet", "he", "hei", "heidan", "heille", "itse", "ja", "jo", "joiden", "joille", "joissa", "joita",
    "joka", "jokin", "jolla", "jolle", "jonka", "jos", "jossa", "jota", "jotka", "jotta", "kanssa", "kautta",
    "keiden", "keita", "keta", "koska", "kuin", "kuinka", "kuka", "kun", "kuten", "lisaksi", "me", "meidan", "meille",
    "meita", "mihin", "mika", "mikali", "mille", "mina", "minka", "minua", "minulla", "minulle", "minun", "minut",
    "missa", "mista", "mita", "mitka", "moni", "mukaan", "mutta", "muun", "muut", "myos", "naiden", "naita", "nama",
    "ne", "niiden", "niille", "niin", "niissa", "niista", "niita", "noin", "nuo", "nyt", "ole", "olemme", "olen",
    "olet", "olette", "oli", "olisi", "olisivat", "olivat", "olla", "ollut", "on", "ovat", "saa", "se", "seka", "sen",
    "siina", "siis", "siita", "sille", "sina", "sinua", "sinulla", "sinun", "sinut", "sita", "tai", "talla", "tama",
    "taman", "tassa", "tasta", "tata", "te", "teidan", "teille", "teita", "tuo", "vaan", "vai", "vaikka", "vain",
    "voi", "voidaan", "voivat", "yli",
];

#[rustfmt::skip]
const RUSSIAN: &[&str] = &[
    "а", "без", "более", "больше", "будет", "будут", "бы", "был", "была", "были", "было", "быть", "в", "вам", "вас",
    "ваш", "ведь", "весь", "во", "вот", "все", "всего", "всех", "вы", "где", "да", "даже", "для", "до", "его", "ее",
    "если", "есть", "еще", "же", "за", "здесь", "и", "из", "или", "им", "их", "к", "как", "какая", "какие", "какои",
    "когда", "кого", "кому", "которая", "которого", "которои", "которые", "которыи", "которых", "кто", "куда", "ли",
    "либо", "лишь", "меня", "мне", "много", "мнои", "может", "можно", "мои", "моя", "мы", "на", "над", "надо", "нам",
    "нас", "наш", "наша", "наше", "наши", "не", "него", "нее", "нельзя", "нет", "ни", "них", "но", "о", "об", "один",
    "однако", "он", "она", "они", "оно", "от", "очень", "перед", "по", "под", "после", "потом", "потому", "почему",
    "при", "про", "с", "сам", "свои", "себе", "себя", "со", "так", "такая", "также", "такие", "такои", "там", "тебя",
    "тем", "то", "тогда", "того", "тоже", "тои", "только", "том", "тот", "ты", "у", "уже", "хотя", "чего", "чеи",
    "чем", "что", "чтобы", "эта", "эти", "этим", "этих", "это", "этого", "этои", "этом", "этот", "эту", "я",
];

#[rustfmt::skip]
const ARABIC: &[&str] = &[
    "أم", "أمام", "أن", "أنا", "أنت", "أنتم", "أو", "أولئك", "أي", "أيضا", "أين", "إذ", "إذا", "إلى", "إليه", "إليها",
    "إن", "التي", "الذي", "الذين", "اللاتي", "اللتان", "اللذان", "ب", "بعد", "بعض", "بل", "بما", "به", "بها", "بين",
    "تحت", "تكون", "تلك", "ثم", "جدا", "حتى", "حول", "حيث", "خلال", "دون", "ذات", "ذلك", "سوف", "ضد", "على", "عليه",
    "عليها", "عن", "عند", "عندما", "عنه", "عنها", "غير", "ف", "فقط", "فوق", "في", "فيه", "فيها", "قبل", "قد", "ك",
    "كأن", "كان", "كانت", "كانوا", "كذلك", "كل", "كم", "كما", "كيف", "ل", "لأن", "لا", "لدى", "لعل", "لقد", "لكن",
    "لم", "لماذا", "لن", "له", "لها", "لو", "لولا", "ليس", "ليست", "ما", "ماذا", "متى", "مع", "مما", "من", "منذ",
    "منه", "منها", "نحن", "نفس", "هؤلاء", "هذا", "هذه", "هل", "هم", "هن", "هنا", "هناك", "هو", "هي", "و", "وراء",
    "وقد", "ولا", "وما", "وهو", "وهي", "يا", "يكون",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fold_word;

    #[test]
    fn lists_are_folded_sorted_and_without_doubles() {
        for analysis in Analysis::ALL {
            let list = of(analysis);
            assert!(
                list.windows(2).all(|pair| pair[0] < pair[1]),
                "{analysis:?}"
            );
            for word in list {
                assert_eq!(fold_word(word), *word, "{analysis:?}");
            }
            assert_eq!(list.is_empty(), analysis == Analysis::Other);
        }
        assert!(HOMOGRAPHS.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn homographs_are_function_words_elsewhere_and_never_in_english() {
        for word in HOMOGRAPHS {
            let mut analyses = Analysis::ALL.into_iter();
            assert!(
                analyses.any(|analysis| is_stop_word(analysis, word)),
                "{word}"
            );
            assert!(!is_stop_word(Analysis::English, word), "{word}");
        }
    }

    #[test]
    fn words_with_a_meaning_in_english_or_french_are_no_function_words() {
        for word in [
            "ai", "alt", "ate", "bare", "bland", "chi", "come", "comment", "dig", "dine", "door",
            "end", "era", "eras", "fur", "hat", "inn", "man", "meme", "mod", "pendant", "plus",
            "pot", "pour", "quest", "sea", "sedan", "sense", "sine", "soy", "state", "tale", "ten",
            "till", "vain", "want", "war", "allen", "ben", "sara", "fer", "foi", "mer", "mot",
            "ville",
        ] {
            assert!(!is_function_word(word), "{word}");
        }
    }

    #[test]
    fn words_of_every_language_are_known() {
        for (analysis, word) in [
            (Analysis::English, "whom"),
            (Analysis::French, "des"),
            (Analysis::German, "fur"),
            (Analysis::Italian, "dell"),
            (Analysis::Russian, "для"),
            (Analysis::Arabic, "إلى"),
        ] {
            assert!(is_stop_word(analysis, &fold_word(word)), "{word}");
        }
        assert!(!is_stop_word(Analysis::English, "practice"));
        assert!(is_function_word("und") && is_function_word("la"));
        assert!(!is_function_word("war") && !is_function_word("die"));
    }
}
