"""Nicknames that are common in US schools, as data: a name may stand in several lines."""

from typing import Final

from scoreport.lib.text import fold_name

# The full names come first, then what people are called who bear one of them.
_LINES: Final = """
Abigail Abby Abbie Gail
Abraham Abe
Alejandra Ale Alexa Sandra
Alejandro Alex Ale Jandro
Alexander Alex Alec Sasha Xander Zander
Alexandra Alexis Alex Alexa Lexi Sandra Sasha
Alfonso Poncho
Allison Allie Ally
Alfred Al Alfie Fred
Amanda Mandy
Ana Anita
Andrew Andy Drew
Angela Angie
Anthony Tony
Antonio Toño Tony
Arturo Art Arthur
Arthur Art Artie
Barbara Barb Barbie
Beatriz Bea Betty
Benjamin Ben Benji Benny
Bradley Brad
Caroline Carrie
Catherine Katherine Kathryn Cathy Kathy Kate Katie Kat Kitty
Charles Charlie Chuck Chas
Charlotte Charlie Lottie
Christina Christine Chris Chrissy Tina
Christopher Chris Topher Kit
Concepción Concha Conchita
Consuelo Chelo
Cynthia Cindy
Daniel Dan Danny
Daniela Danielle Dani
David Dave Davy
Deborah Deb Debbie
Dolores Lola Lolita
Dominic Nick Dom
Donald Don Donnie
Dorothy Dot Dottie Dolly
Douglas Doug
Edward Ed Eddie Ned Ted Teddy
Eduardo Lalo Eddie
Eleanor Ellie Nell Nora
Elizabeth Beth Betsy Betty Eliza Libby Liz Lizzie
Emily Emmy
Enrique Quique Kike Henry
Ezekiel Zeke
Fernando Nando Fer
Florence Flo
Frances Fran Frannie Francie
Francis Frank Fran
Francisca Paca Paquita
Francisco Paco Pancho Frank Cisco
Frederick Fred Freddy Rick
Gabriel Gabe
Gabriela Gabriella Gabrielle Gaby Gabby
Gerald Jerry
Gertrude Trudy
Gregory Greg
Graciela Chela
Guadalupe Lupe Lupita
Guillermo Memo Will
Gustavo Gus Tavo
Harold Hal Harry
Héctor Tito
Henry Hank Harry Hal
Ignacio Nacho
Isabel Isabella Isabelle Bella Belle Izzy Isa Chabela
Isaac Ike
Jacob Jake Jakob
Jacqueline Jackie
James Jim Jimmy Jamie
Janet Jan
Jeffrey Geoffrey Jeff
Jennifer Jen Jenny
Jeremiah Jeremy Jerry
Jessica Jess Jessie
Jesús Chucho Chuy
John Jack Johnny Jon
Jonathan Jon Johnny Nathan
José Pepe Joe
Josefina Pepa Josie
Joseph Joe Joey
Joshua Josh
Judith Judy
Kenneth Ken Kenny
Kimberly Kim
Laurence Lawrence Larry Laurie
Leonard Len Lenny Leo
Leonardo Leo
Leticia Lety
Lillian Lily Lilly
Luis Lucho Louis
Madeline Madeleine Madison Maddie Maddy
Manuel Manny Manolo
Manuela Manola
Margaret Maggie Marge Meg Peggy Greta Daisy
María Mary Mari Mia
Matthew Matt Matty
Maximilian Max
Maximiliano Max
Mercedes Meche
Michael Mike Mick Mickey Mikey
Michelle Shelly Mich
Miguel Mike Micky
Mitchell Mitch
Nancy Nan
Natalie Natalia Nat
Nathan Nate
Nathaniel Nate Nathan Nat
Nicholas Nicolas Nick Nicky Nico
Nicole Nikki Nicky
Octavio Tavo
Olivia Liv Livvy
Oliver Ollie
Oswaldo Waldo
Pamela Pam
Patricia Pat Patty Tricia Trish Pati
Patrick Pat Paddy
Pedro Pete Peter Perico
Peter Pete
Philip Phillip Phil
Rafael Rafa Ralph
Raymond Ray
Rebecca Becca Becky
Reginald Reggie
Ricardo Rick Ricky Richard
Richard Rich Rick Ricky Dick Ritchie
Robert Rob Robbie Bob Bobby Bert
Roberto Beto Robert Rob
Rodolfo Rudy Fito
Ronald Ron Ronnie
Rosario Chayo Charo
Salvador Chava Sal
Samantha Sam Sammie
Samuel Sam Sammy
Santiago Santi Chago James
Sarah Sally Sadie
Sergio Checo
Sofía Sofi Sophia
Sophia Sophie
Stephanie Steph Stevie
Stephen Steven Steve Stevie
Susan Susanna Sue Susie Suzy
Tabitha Tabby
Teresa Tere Terry Tess
Theodore Ted Teddy Theo
Theresa Terry Tess Tessa
Thomas Tom Tommy
Timothy Tim Timmy
Valentina Vale
Valeria Vale Valerie
Vanessa Nessa
Veronica Vero Ronnie
Vicente Chente Vince
Victor Vic
Victoria Vicky Tori Vickie
Vincent Vince Vinny
Virginia Ginny Ginger
Walter Walt Wally
William Will Willie Bill Billy Liam
Xavier Javier Javi Xavi
Zachary Zach Zack
"""


def _groups() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for number, line in enumerate(_LINES.split("\n")):
        for name in line.split():
            found.setdefault(fold_name(name), set()).add(number)
    return {name: frozenset(numbers) for name, numbers in found.items()}


GROUPS: Final = _groups()
"""Folded name → the numbers of its lines."""


def is_nickname(one: str, other: str) -> bool:
    """Tell whether two folded given names stand in one line: one is a nickname of the other, or both of a third."""
    mine, theirs = GROUPS.get(one), GROUPS.get(other)
    return mine is not None and theirs is not None and not mine.isdisjoint(theirs)
