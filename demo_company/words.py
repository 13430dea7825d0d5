"""Words for an invented shop with outdoor gear and coffee. Belongs here: lists of names, places and
texts. Does not belong here: chances and rules. Mailboxes are under reserved domains, and phone numbers
start with a zero after the country code, so that none can belong to a real person."""

from __future__ import annotations

FIRST_NAMES = (
    *("Jana/f", "Petr/m", "Lucie/f", "Tomáš/m", "Eliška/f", "Jiří/m", "Žaneta/f", "Ondřej/m"),
    *("Anna/f", "Lukas/m", "Sophie/f", "Jürgen/m", "Marie/f", "Félix/m", "Zofia/f", "Łukasz/m"),
    *("Eva/f", "Martin/m", "Klára/f", "Adam/m", "Nina/f", "Jakub/m", "Katarína/f", "Matej/m"),
)
LAST_NAMES = (
    *("Nováková", "Dvořák", "Svobodová", "Černý", "Procházka", "Kučera", "Horáková", "Beneš"),
    *("Müller", "Schröder", "Weiß", "Bauer", "O'Hara", "Lefèvre", "Kowalska", "Wiśniewski"),
    *("Kováč", "Gruber", "Huber", "Moser", "Steiner", "Zeman", "Marek", "Fiala"),
)
MAIL_DOMAINS = ("mail.example", "post.example", "example.com", "example.org", "example.net")
SHARED_MAILBOX = "info@mountain-club.example"
SHARED_COMPANY = 'Mountain Club "Kamzík", z.s.'
COMPANIES = ("", "", "", "", "", "", "Kavárna U Lípy, s.r.o.", "Bergfreunde GmbH & Co. KG")
JOBS = ("", "", "", "", "guide", "teacher", "nurse", 'owner, "chief barista"', "engineer")

# country, calling code, share, (city/region, ...)
COUNTRIES = (
    ("CZ", "420", 46, ("Brno/Jihomoravský kraj", "Praha/Praha", "Ostrava/Moravskoslezský kraj")),
    ("SK", "421", 13, ("Bratislava/Bratislavský kraj", "Žilina/Žilinský kraj")),
    ("DE", "49", 18, ("Dresden/Sachsen", "München/Bayern", "Köln/Nordrhein-Westfalen")),
    ("AT", "43", 11, ("Innsbruck/Tirol", "Graz/Steiermark")),
    ("PL", "48", 7, ("Kraków/małopolskie", "Wrocław/dolnośląskie")),
    ("FR", "33", 5, ("Grenoble/Auvergne-Rhône-Alpes",)),
)
CHANNELS = {
    "search": 24,
    "referral": 14,
    "social": 14,
    "advertising": 16,
    "content": 10,
    "direct": 10,
    "offline": 6,
    "marketplace": 4,
    "survey": 1,
    "unknown": 1,
}
CAMPAIGNS = {
    "advertising": ("spring-hike", "coffee-launch", "black-friday"),
    "social": ("trail-stories", "latte-art"),
    "survey": ("trade-fair-survey",),
}
COUPONS = ("WELCOME10", "TRAIL15", "COMEBACK20")
CONTENT = ("guide-tents", "guide-grinders", "blog-winter-camp", "course-espresso", "checklist-hut")
HELP_PAGES = ("help-returns", "help-sizes", "help-descaling", "help-shipping")
TOPICS = ("delivery", "return", "size", "defect", "invoice", "product question")
EXIT_REASONS = ("price", "competitor", "late delivery", "no longer needed", "bad service")
REFUND_REASONS = ("damaged", "missing item", "late", "did not fit", "goodwill")
PLATFORMS = ("shop", "shop", "google", "trustpilot")

# name, category, brand, price in cents of EUR
PRODUCTS = (
    ('Tent "Sněžka" 2P, green', "camping", "Kamzík", 18900),
    ("Tent Tatra 3P", "camping", "Kamzík", 25900),
    ("Sleeping bag -5 °C", "camping", "Kamzík", 9900),
    ("Sleeping mat, foldable", "camping", "Alpen & Co", 2490),
    ("Gas stove, titanium", "camping", "Alpen & Co", 5490),
    ("Cooking set 1.5 l", "camping", "Alpen & Co", 3290),
    ("Backpack 28 l", "hiking", "Kamzík", 7990),
    ("Backpack 55 l", "hiking", "Kamzík", 12990),
    ("Trekking poles, pair", "hiking", "Alpen & Co", 4590),
    ("Rain jacket, women's", "clothing", "Severák", 11900),
    ("Rain jacket, men's", "clothing", "Severák", 11900),
    ("Merino socks", "clothing", "Severák", 1590),
    ("Merino T-shirt", "clothing", "Severák", 4490),
    ("Down vest", "clothing", "Severák", 8990),
    ("Head lamp 400 lm", "hiking", "Lumen", 3490),
    ("Water filter", "hiking", "Lumen", 3890),
    ("Bottle 1 l", "hiking", "Lumen", 1890),
    ("First-aid kit", "hiking", "Lumen", 2290),
    ("Coffee Ethiopia 250 g", "coffee", "Pražírna 7", 890),
    ("Coffee Brazil 250 g", "coffee", "Pražírna 7", 790),
    ("Coffee decaf 250 g", "coffee", "Pražírna 7", 920),
    ("Coffee beans 1 kg", "coffee", "Pražírna 7", 2890),
    ("Hand grinder", "coffee gear", "Mlýnek", 6490),
    ("Aeropress-style maker, travel", "coffee gear", "Mlýnek", 3590),
    ("Enamel mug", "coffee gear", "Mlýnek", 1190),
    ("Paper filters, 100 pcs", "coffee gear", "Mlýnek", 490),
    ('Cold-brew jar 12" tall', "coffee gear", "Mlýnek", 2390),
    ("Descaler", "coffee gear", "Mlýnek", 690),
    ("Map Krkonoše 1:25 000", "books", "Kartograf", 690),
    ("Hut guide, Alps", "books", "Kartograf", 1990),
)
REVIEW_TEXTS = {
    5: ("Great, light and quick to arrive.", 'My dog says "woof", and so do I.', "Skvělé, děkuji!"),
    4: ("Good, a bit heavy.", "Works well; the manual is only in German."),
    3: ("Average, fine for the price.", "OK, not more."),
    2: ("The zip got stuck, twice.", "Came late, and the box was wet."),
    1: ("Broken on arrival.", 'They call this "waterproof"?'),
}
LONG_TEXT = "First trip: fine.\r\nSecond trip, in rain: still dry, still happy."
COMMENTS = ("", "", "fast delivery", "packaging could be smaller", 'all "as promised", thanks')
